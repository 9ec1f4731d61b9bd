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
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX-ML TreeEnsembleClassifier 1-3: x [rows, features] to labels [rows] and scores [rows,
 * classes].
 *
 * <p>A two-class model may vote for one class only. What its score then means follows from the
 * signs of the votes, as in other runtimes: a probability if none is negative, else a margin around
 * 0. Votes for the first class alone stand for the second one, and the first one's score is made
 * from it.
 *
 * @param base added to each class's score; empty for zeros
 */
record TreeClassifier(
    TreeForest forest, ClassLabels labels, List<Double> base, PostTransform transform)
    implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new TreeClassifier(
        TreeForest.named(attributes, "class"),
        ClassLabels.of(attributes, "classlabels_int64s"),
        Arrays.stream(TreeForest.doubles(attributes, "base_values")).boxed().toList(),
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  @Override
  public String name() {
    return "TreeEnsembleClassifier";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    FeatureRows rows = FeatureRows.of(inputs);
    if (forest.highestFeature() >= rows.features()
        || forest.highestTarget() >= Math.max(2, labels.count())) {
      throw inputs.invalid(
          "the trees ask for feature %d and class %d; there are %d and %d"
              .formatted(
                  forest.highestFeature(),
                  forest.highestTarget(),
                  rows.features(),
                  labels.count()));
    }
    return List.of(
        new TensorType(labels.dtype(), Shape.of(rows.rows())),
        new TensorType(DType.FLOAT32, Shape.of(rows.rows(), labels.count())));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    FeatureRows rows = FeatureRows.of(inputs);
    int classes = Math.max(2, labels.count());
    TreeVotes votes = new TreeVotes(forest, TreeVotes.Aggregate.SUM, classes);
    ImageSplit split = new ImageSplit(rows.rows(), _ -> votes.scratchBytes());
    boolean single = labels.count() <= 2 && forest.distinctTargets() == 1;
    boolean positive = forest.hasOnlyPositiveVotes();
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) ->
            split.run(
                run,
                (row, scratch, _) -> {
                  votes.gather(in[0], (long) row * rows.features(), scratch);
                  if (single) {
                    storeSingle(votes, scratch, positive, row, out);
                  } else {
                    storeAll(votes, scratch, row, out);
                  }
                }));
  }

  private double base(int index) {
    return index < base.size() ? base.get(index) : 0;
  }

  private void storeSingle(
      TreeVotes votes, MemorySegment scratch, boolean positive, int row, Tensor[] out) {
    int target = forest.highestTarget();
    double score = votes.score(scratch, target) + base(target);
    labels.store(out[0], row, score > (positive ? 0.5 : 0) ? labels.count() - 1 : 0);
    if (labels.count() < 2) {
      out[1].setFromDouble(row, score);
      transform.apply(out[1], row, 1);
      return;
    }
    if (target == 1) {
      out[1].setFromDouble(2L * row, 0);
      out[1].setFromDouble(2L * row + 1, score);
      transform.apply(out[1], 2L * row, 2);
      return;
    }
    BinaryScores kind = positive ? BinaryScores.PROBABILITY : BinaryScores.MARGIN;
    kind.store(out[1], 2L * row, score, transform);
  }

  private void storeAll(TreeVotes votes, MemorySegment scratch, int row, Tensor[] out) {
    int classes = labels.count();
    long first = (long) row * classes;
    int best = -1;
    double highest = 0;
    for (int i = 0; i < classes; i++) {
      double score = votes.score(scratch, i) + base(i);
      boolean counts = votes.hasVotes(scratch, i) || !base.isEmpty();
      if (counts && (best < 0 || score > highest)) {
        best = i;
        highest = score;
      }
      out[1].setFromDouble(first + i, score);
    }
    labels.store(out[0], row, Math.max(best, 0));
    transform.apply(out[1], first, classes);
  }
}
