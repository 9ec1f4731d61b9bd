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
import org.jspecify.annotations.Nullable;

/**
 * ONNX-ML LinearClassifier 1 and LinearRegressor 1: x [rows, features] times coefficients [targets,
 * features] plus intercepts [targets]; a classifier adds the labels [rows] as first output.
 *
 * @param labels null for a regressor
 */
record LinearModel(
    List<Double> coefficients,
    List<Double> intercepts,
    int targets,
    @Nullable ClassLabels labels,
    PostTransform transform)
    implements Operator {

  static Operator classifier(NodeAttributes attributes) {
    List<Double> intercepts = list(attributes, "intercepts");
    ClassLabels labels = ClassLabels.of(attributes, "classlabels_ints");
    int targets = intercepts.isEmpty() ? labels.count() : intercepts.size();
    return new LinearModel(
        list(attributes, "coefficients"),
        intercepts,
        targets,
        labels,
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  static Operator regressor(NodeAttributes attributes) {
    return new LinearModel(
        list(attributes, "coefficients"),
        list(attributes, "intercepts"),
        Math.toIntExact(attributes.intOr("targets", 1)),
        null,
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  private static List<Double> list(NodeAttributes attributes, String name) {
    return Arrays.stream(TreeForest.doubles(attributes, name)).boxed().toList();
  }

  @Override
  public String name() {
    return labels == null ? "LinearRegressor" : "LinearClassifier";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    FeatureRows rows = FeatureRows.of(inputs);
    if (coefficients.size() != (long) targets * rows.features()) {
      throw inputs.invalid(
          "%d coefficients for %d targets of %d features"
              .formatted(coefficients.size(), targets, rows.features()));
    }
    if (labels == null) {
      return List.of(new TensorType(DType.FLOAT32, Shape.of(rows.rows(), targets)));
    }
    return List.of(
        new TensorType(labels.dtype(), Shape.of(rows.rows())),
        new TensorType(DType.FLOAT32, Shape.of(rows.rows(), scores(labels))));
  }

  private int scores(ClassLabels names) {
    return targets == 1 && names.count() == 2 ? 2 : targets;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    FeatureRows rows = FeatureRows.of(inputs);
    double[] weights = coefficients.stream().mapToDouble(Double::doubleValue).toArray();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows.rows(),
                Math.max(1, 16384 / Math.max(1, weights.length)),
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    row(in[0], rows.features(), weights, row, out);
                  }
                });
  }

  private void row(Tensor x, int features, double[] weights, int row, Tensor[] out) {
    if (labels != null && scores(labels) != targets) {
      double score = score(x, features, weights, row, 0);
      BinaryScores.PROBABILITY.store(out[1], 2L * row, score, transform);
      labels.store(out[0], row, score > 0 ? 1 : 0);
      return;
    }
    Tensor scores = out[labels == null ? 0 : 1];
    long first = (long) row * targets;
    int best = 0;
    for (int target = 0; target < targets; target++) {
      scores.setFromDouble(first + target, score(x, features, weights, row, target));
      if (scores.asDouble(first + target) > scores.asDouble(first + best)) {
        best = target;
      }
    }
    if (labels != null) {
      labels.store(out[0], row, best);
    }
    if (targets > 1 || transform != PostTransform.SOFTMAX) {
      transform.apply(scores, first, targets);
    }
  }

  private double score(Tensor x, int features, double[] weights, int row, int target) {
    double sum = intercepts.isEmpty() ? 0 : intercepts.get(target);
    for (int i = 0; i < features; i++) {
      sum += x.asDouble((long) row * features + i) * weights[target * features + i];
    }
    return sum;
  }
}
