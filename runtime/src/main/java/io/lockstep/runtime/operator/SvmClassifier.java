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
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX-ML SVMClassifier 1, libsvm's one-against-one classifier: each pair of classes has a decision
 * value; the class with most votes wins. With Platt coefficients the scores are probabilities of
 * the classes, coupled from the pairs'; without, they are the decision values.
 *
 * @param perClass support vectors of each class; empty for a linear machine, one row of
 *     coefficients for each class
 * @param probA slopes of the pairs' logistic functions; empty for none
 * @param probB their offsets
 */
record SvmClassifier(
    SupportVectors machine,
    List<Integer> perClass,
    List<Float> probA,
    List<Float> probB,
    ClassLabels labels,
    PostTransform transform)
    implements Operator {

  static Operator of(NodeAttributes attributes) {
    List<Integer> perClass = new ArrayList<>();
    for (long count : attributes.ints("vectors_per_class")) {
      perClass.add(Math.toIntExact(count));
    }
    return new SvmClassifier(
        SupportVectors.of(attributes),
        List.copyOf(perClass),
        list(attributes.floats("prob_a")),
        list(attributes.floats("prob_b")),
        ClassLabels.of(attributes, "classlabels_ints"),
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  @Override
  public String name() {
    return "SVMClassifier";
  }

  private int classes() {
    return labels.count();
  }

  private int pairs() {
    return classes() * (classes() - 1) / 2;
  }

  private boolean isLinear() {
    return perClass.isEmpty();
  }

  private int scores() {
    return isLinear() || !probA.isEmpty() || pairs() == 1 ? classes() : pairs();
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    FeatureRows rows = FeatureRows.of(inputs);
    int vectors = perClass.stream().mapToInt(Integer::intValue).sum();
    int elements = isLinear() ? machine.coefficientCount() : machine.vectorElements();
    int expected = (isLinear() ? classes() : vectors) * rows.features();
    if (elements != expected || machine.rhoCount() < (isLinear() ? 1 : pairs())) {
      throw inputs.invalid(
          "%d classes over %d features: the vectors hold %d elements, expected %d"
              .formatted(classes(), rows.features(), elements, expected));
    }
    return List.of(
        new TensorType(labels.dtype(), Shape.of(rows.rows())),
        new TensorType(DType.FLOAT32, Shape.of(rows.rows(), scores())));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    FeatureRows rows = FeatureRows.of(inputs);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows.rows(),
                16,
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    if (isLinear()) {
                      linear(in[0], row, rows.features(), out);
                    } else {
                      oneAgainstOne(in[0], row, rows.features(), out);
                    }
                  }
                });
  }

  private void linear(Tensor x, int row, int features, Tensor[] out) {
    long first = (long) row * classes();
    int best = 0;
    for (int i = 0; i < classes(); i++) {
      double score =
          machine.compareCoefficients(x, (long) row * features, features, i) + machine.rho(0);
      out[1].setFromDouble(first + i, score);
      best = out[1].asDouble(first + i) > out[1].asDouble(first + best) ? i : best;
    }
    labels.store(out[0], row, best);
    transform.apply(out[1], first, classes());
  }

  private void oneAgainstOne(Tensor x, int row, int features, Tensor[] out) {
    int classes = classes();
    int[] firstVector = new int[classes + 1];
    for (int i = 0; i < classes; i++) {
      firstVector[i + 1] = firstVector[i] + perClass.get(i);
    }
    double[] kernels = new double[firstVector[classes]];
    for (int vector = 0; vector < kernels.length; vector++) {
      kernels[vector] = machine.compare(x, (long) row * features, features, vector);
    }
    double[] decisions = new double[pairs()];
    int[] votes = new int[classes];
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        double sum = machine.rho(pair);
        for (int v = firstVector[i]; v < firstVector[i + 1]; v++) {
          sum += machine.coefficient((j - 1) * kernels.length + v) * kernels[v];
        }
        for (int v = firstVector[j]; v < firstVector[j + 1]; v++) {
          sum += machine.coefficient(i * kernels.length + v) * kernels[v];
        }
        decisions[pair++] = sum;
        votes[sum > 0 ? i : j]++;
      }
    }
    store(decisions, votes, row, out);
  }

  private void store(double[] decisions, int[] votes, int row, Tensor[] out) {
    long first = (long) row * scores();
    double[] scores = decisions;
    if (!probA.isEmpty()) {
      scores = PairCoupling.probabilities(classes(), decisions, probA, probB);
    }
    int best = 0;
    for (int i = 1; i < votes.length; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    labels.store(out[0], row, best);
    if (scores.length == 1) {
      BinaryScores.MARGIN.store(out[1], first, scores[0], transform);
      return;
    }
    for (int i = 0; i < scores.length; i++) {
      out[1].setFromDouble(first + i, scores[i]);
    }
    transform.apply(out[1], first, scores.length);
  }
}
