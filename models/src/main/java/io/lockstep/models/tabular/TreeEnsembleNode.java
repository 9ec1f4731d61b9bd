package io.lockstep.models.tabular;

import io.lockstep.models.file.Attribute;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes of an ONNX TreeEnsembleRegressor (ai.onnx.ml, version 3): parallel lists with one
 * entry for each node of every tree, and one for each leaf.
 */
final class TreeEnsembleNode {
  private final List<Integer> treeIds = new ArrayList<>();
  private final List<Integer> nodeIds = new ArrayList<>();
  private final List<Integer> columns = new ArrayList<>();
  private final List<Float> thresholds = new ArrayList<>();
  private final List<String> modes = new ArrayList<>();
  private final List<Integer> belowIds = new ArrayList<>();
  private final List<Integer> aboveIds = new ArrayList<>();
  private final List<Integer> leafTreeIds = new ArrayList<>();
  private final List<Integer> leafNodeIds = new ArrayList<>();
  private final List<Integer> leafTargets = new ArrayList<>();
  private final List<Float> leafValues = new ArrayList<>();

  private TreeEnsembleNode() {}

  static Attribute[] attributes(TreeEnsemble ensemble) {
    var node = new TreeEnsembleNode();
    for (int tree = 0; tree < ensemble.trees().size(); tree++) {
      node.add(tree, 0, ensemble.trees().get(tree));
    }
    return node.attributes(ensemble.base());
  }

  /** Adds a subtree in depth-first order and returns the first id after it. */
  private int add(int treeId, int nodeId, Tree tree) {
    treeIds.add(treeId);
    nodeIds.add(nodeId);
    return switch (tree) {
      case Tree.Leaf(float value) -> {
        addQuestion(0, 0, "LEAF");
        belowIds.add(0);
        aboveIds.add(0);
        leafTreeIds.add(treeId);
        leafNodeIds.add(nodeId);
        leafTargets.add(0);
        leafValues.add(value);
        yield nodeId + 1;
      }
      case Tree.Branch(int column, float threshold, Tree below, Tree above) -> {
        addQuestion(column, threshold, "BRANCH_LEQ");
        int slot = aboveIds.size();
        belowIds.add(nodeId + 1);
        aboveIds.add(0); // known when the other side is written
        int aboveId = add(treeId, nodeId + 1, below);
        aboveIds.set(slot, aboveId);
        yield add(treeId, aboveId, above);
      }
    };
  }

  private void addQuestion(int column, float threshold, String mode) {
    columns.add(column);
    thresholds.add(threshold);
    modes.add(mode);
  }

  private Attribute[] attributes(float base) {
    return new Attribute[] {
      Attribute.of("n_targets", 1),
      Attribute.of("aggregate_function", "SUM"),
      Attribute.of("post_transform", "NONE"),
      Attribute.floats("base_values", List.of(base)),
      Attribute.integers("nodes_treeids", treeIds),
      Attribute.integers("nodes_nodeids", nodeIds),
      Attribute.integers("nodes_featureids", columns),
      Attribute.floats("nodes_values", thresholds),
      Attribute.strings("nodes_modes", modes),
      Attribute.integers("nodes_truenodeids", belowIds),
      Attribute.integers("nodes_falsenodeids", aboveIds),
      Attribute.integers("target_treeids", leafTreeIds),
      Attribute.integers("target_nodeids", leafNodeIds),
      Attribute.integers("target_ids", leafTargets),
      Attribute.floats("target_weights", leafValues)
    };
  }
}
