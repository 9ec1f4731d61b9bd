package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX-ML TreeEnsembleRegressor 1-3 and TreeEnsemble 5: x [rows, features] to [rows, targets].
 *
 * @param base added to each target's score; empty for zeros
 */
record TreeRegressor(
    String name,
    TreeForest forest,
    int targets,
    TreeVotes.Aggregate aggregate,
    List<Double> base,
    PostTransform transform)
    implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new TreeRegressor(
        "TreeEnsembleRegressor",
        TreeForest.named(attributes, "target"),
        Math.toIntExact(attributes.intOr("n_targets", 1)),
        TreeVotes.Aggregate.valueOf(attributes.stringOr("aggregate_function", "SUM")),
        Arrays.stream(TreeForest.doubles(attributes, "base_values")).boxed().toList(),
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  static Operator ensemble(NodeAttributes attributes) {
    return new TreeRegressor(
        "TreeEnsemble",
        TreeForest.numbered(attributes),
        Math.toIntExact(attributes.intOr("n_targets", 1)),
        TreeVotes.Aggregate.CODES.get((int) attributes.intOr("aggregate_function", 1)),
        List.of(),
        PostTransform.CODES.get((int) attributes.intOr("post_transform", 0)));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    FeatureRows rows = FeatureRows.of(inputs);
    if (forest.highestFeature() >= rows.features() || forest.highestTarget() >= targets) {
      throw inputs.invalid(
          "the trees ask for feature %d and target %d; there are %d and %d"
              .formatted(
                  forest.highestFeature(), forest.highestTarget(), rows.features(), targets));
    }
    boolean doubles = name.equals("TreeEnsemble") && inputs.dtype(0) == DType.FLOAT64;
    return List.of(
        new TensorType(doubles ? DType.FLOAT64 : DType.FLOAT32, Shape.of(rows.rows(), targets)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    FeatureRows rows = FeatureRows.of(inputs);
    TreeVotes votes = new TreeVotes(forest, aggregate, targets);
    ImageSplit split = new ImageSplit(rows.rows(), _ -> votes.scratchBytes());
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) ->
            split.run(
                run,
                (row, scratch, _) -> {
                  votes.gather(in[0], (long) row * rows.features(), scratch);
                  Tensor y = out[0];
                  long first = (long) row * targets;
                  for (int target = 0; target < targets; target++) {
                    double offset = base.isEmpty() ? 0 : base.get(target % base.size());
                    y.setFromDouble(first + target, votes.score(scratch, target) + offset);
                  }
                  if (targets > 1 || transform == PostTransform.PROBIT) {
                    transform.apply(y, first, targets);
                  }
                }));
  }
}
