package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX NegativeLogLikelihoodLoss 12-22 and SoftmaxCrossEntropyLoss 12-13: minus the (logarithm of
 * the) probability of each label, times the label's weight.
 *
 * <p>Inputs: x [batch, classes, ...]; labels, integers [batch, ...]; optional weights [classes].
 * Outputs: the loss of each label, their sum, or their mean weighted by the weights; for the second
 * operator the logarithms of the probabilities, in the shape of x.
 *
 * @param softmax whether x holds scores, rather than logarithms of probabilities
 * @param ignored a label that does not count
 * @param logarithms whether the second output is wanted
 */
record LabelLoss(boolean softmax, Total total, Optional<Long> ignored, boolean logarithms)
    implements Operator {

  private static final int WEIGHTS = 2;

  /** What becomes of the losses of all labels. */
  enum Total {
    NONE,
    SUM,
    MEAN
  }

  static Operator negativeLogLikelihood(NodeAttributes attributes) {
    return of(attributes, false);
  }

  static Operator softmaxCrossEntropy(NodeAttributes attributes) {
    return of(attributes, true);
  }

  private static Operator of(NodeAttributes attributes, boolean softmax) {
    String reduction = attributes.stringOr("reduction", "mean");
    Total total =
        switch (reduction) {
          case "none" -> Total.NONE;
          case "sum" -> Total.SUM;
          case "mean" -> Total.MEAN;
          default ->
              throw new InvalidModelException(
                  attributes.operator() + ": reduction '" + reduction + "' is unknown");
        };
    Optional<Long> ignored =
        attributes.has("ignore_index")
            ? Optional.of(attributes.intOr("ignore_index", 0))
            : Optional.empty();
    return new LabelLoss(softmax, total, ignored, attributes.outputCount() > 1);
  }

  @Override
  public String name() {
    return softmax ? "SoftmaxCrossEntropyLoss" : "NegativeLogLikelihoodLoss";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape labels = inputs.shape(1);
    if (x.rank() < 2 || labels.rank() != x.rank() - 1 || labels.size() != places(x)) {
      throw inputs.invalid("labels %s for x %s".formatted(labels, x));
    }
    if (inputs.has(WEIGHTS) && inputs.shape(WEIGHTS).size() != x.extent(1)) {
      throw inputs.invalid(
          "weights %s for %d classes".formatted(inputs.shape(WEIGHTS), x.extent(1)));
    }
    TensorType loss = inputs.type(0).withShape(total == Total.NONE ? labels : Shape.scalar());
    return logarithms ? List.of(loss, inputs.type(0)) : List.of(loss);
  }

  private static long places(Shape x) {
    return (long) x.extent(0) * x.product(2, x.rank());
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Lanes lanes = new Lanes(x.extent(0), x.extent(1), x.product(2, x.rank()));
    boolean weighted = inputs.has(WEIGHTS);
    return (in, out, _) -> {
      if (logarithms) {
        lanes.forEach(first -> logarithms(in[0], first, lanes, out[1]));
      }
      double sum = 0;
      double weights = 0;
      for (int place = 0; place < lanes.outer() * lanes.inner(); place++) {
        long label = in[1].asLong(place);
        double loss = 0;
        if (ignored.isEmpty() || label != ignored.get()) {
          check(label, lanes.length());
          double weight = weighted ? in[WEIGHTS].asDouble(label) : 1;
          loss = -weight * logarithm(in[0], lanes, place, label);
          weights += weight;
        }
        sum += loss;
        if (total == Total.NONE) {
          out[0].setFromDouble(place, loss);
        }
      }
      if (total != Total.NONE) {
        out[0].setFromDouble(0, total == Total.SUM ? sum : sum / weights);
      }
    };
  }

  private void check(long label, int classes) {
    if (label < 0 || label >= classes) {
      throw new InvalidInputException(
          "%s: label %d is out of range for %d classes".formatted(name(), label, classes));
    }
  }

  private double logarithm(Tensor x, Lanes lanes, int place, long label) {
    long first =
        (long) (place / lanes.inner()) * lanes.length() * lanes.inner() + place % lanes.inner();
    double value = x.asDouble(first + label * lanes.inner());
    return softmax ? value - normaliser(x, first, lanes) : value;
  }

  private static void logarithms(Tensor x, long first, Lanes lanes, Tensor y) {
    double normaliser = normaliser(x, first, lanes);
    for (int i = 0; i < lanes.length(); i++) {
      long at = first + (long) i * lanes.inner();
      y.setFromDouble(at, x.asDouble(at) - normaliser);
    }
  }

  /** The logarithm of the sum of the exponentials of a lane. */
  private static double normaliser(Tensor x, long first, Lanes lanes) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < lanes.length(); i++) {
      max = Math.max(max, x.asDouble(first + (long) i * lanes.inner()));
    }
    double sum = 0;
    for (int i = 0; i < lanes.length(); i++) {
      sum += Math.exp(x.asDouble(first + (long) i * lanes.inner()) - max);
    }
    return max + Math.log(sum);
  }
}
