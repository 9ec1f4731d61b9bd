package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX Clip 6-13: y = min(high, max(low, x)). The bounds are attributes up to version 10, later
 * optional scalar inputs.
 */
public record Clip(float low, float high) implements LayoutAware {

  private static final int LOW = 1;
  private static final int HIGH = 2;

  static Operator of(NodeAttributes attributes) {
    return new Clip(
        attributes.floatOr("min", Float.NEGATIVE_INFINITY),
        attributes.floatOr("max", Float.POSITIVE_INFINITY));
  }

  @Override
  public String name() {
    return "Clip";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(this);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    for (int i = LOW; i <= HIGH; i++) {
      if (inputs.has(i) && (inputs.shape(i).size() != 1 || inputs.dtype(i) != inputs.dtype(0))) {
        throw inputs.invalid(
            "bound %s for %s, expected one element of its type"
                .formatted(inputs.type(i), inputs.type(0)));
      }
    }
    return List.of(inputs.type(0));
  }

  /** The same as an activation, where x is FLOAT32 and the bounds are known. */
  public Optional<Activation> activation(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.FLOAT32
        || (inputs.has(LOW) && inputs.constant(LOW).isEmpty())
        || (inputs.has(HIGH) && inputs.constant(HIGH).isEmpty())) {
      return Optional.empty();
    }
    float min = inputs.constant(LOW).map(bound -> bound.getFloat(0)).orElse(low);
    float max = inputs.constant(HIGH).map(bound -> bound.getFloat(0)).orElse(high);
    return Optional.of(new Activation(UnaryFunction.CLIP, min, max));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType type = inputs.type(0);
    Optional<Activation> known = activation(inputs);
    if (known.isPresent()) {
      return Unary.prepare(known.get(), type, context.kernels().elementwise());
    }
    boolean hasLow = inputs.has(LOW);
    boolean hasHigh = inputs.has(HIGH);
    long size = type.shape().size();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            Chunks.forEach(
                run.pool(),
                size,
                (from, count) -> {
                  for (long i = from; i < from + count; i++) {
                    clip(in, hasLow, hasHigh, out[0], i);
                  }
                }));
  }

  private void clip(Tensor[] in, boolean hasLow, boolean hasHigh, Tensor y, long i) {
    Tensor x = in[0];
    if (x.dtype().isFloat()) {
      double value = x.asDouble(i);
      double min = hasLow ? in[LOW].asDouble(0) : low;
      double max = hasHigh ? in[HIGH].asDouble(0) : high;
      y.setFromDouble(i, Math.min(max, Math.max(min, value)));
      return;
    }
    Elements.copy(x, i, y, i);
    if (hasLow && Elements.compare(y, i, in[LOW], 0) < 0) {
      Elements.copy(in[LOW], 0, y, i);
    }
    if (hasHigh && Elements.compare(y, i, in[HIGH], 0) > 0) {
      Elements.copy(in[HIGH], 0, y, i);
    }
  }
}
