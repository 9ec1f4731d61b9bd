package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The elementwise functions that kernels know, from ONNX Abs to Tanh, 7-25: y = f(x). Integers stay
 * exact where the function is one of integers.
 *
 * @param name the ONNX operator
 */
public record Unary(String name, Activation activation) implements LayoutAware, ElementStep {

  /** The factory of an operator without parameters. */
  static Function<NodeAttributes, Operator> of(UnaryFunction function) {
    return attributes -> new Unary(attributes.operator(), Activation.of(function));
  }

  /** The factory of an operator with {@code alpha}. */
  static Function<NodeAttributes, Operator> withAlpha(UnaryFunction function, float alpha) {
    return attributes ->
        new Unary(
            attributes.operator(), new Activation(function, attributes.floatOr("alpha", alpha), 0));
  }

  /** ONNX HardSigmoid 6-22. */
  static Operator hardSigmoid(NodeAttributes attributes) {
    return new Unary(
        "HardSigmoid",
        new Activation(
            UnaryFunction.HARD_SIGMOID,
            attributes.floatOr("alpha", 0.2f),
            attributes.floatOr("beta", 0.5f)));
  }

  /** ONNX Gelu 20. */
  static Operator gelu(NodeAttributes attributes) {
    String approximate = attributes.stringOr("approximate", "none");
    return new Unary(
        "Gelu",
        Activation.of(approximate.equals("tanh") ? UnaryFunction.GELU_TANH : UnaryFunction.GELU));
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(this);
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Unary(activation, operands.getFirst());
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType dtype = inputs.dtype(0);
    if (dtype == DType.BOOL || dtype == DType.STRING) {
      throw inputs.invalid("expected numbers but got " + inputs.type(0));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return prepare(activation, inputs.type(0), context.kernels().elementwise());
  }

  /** y = activation(x) for x and y of one type. */
  static PreparedOperator prepare(Activation activation, TensorType type, Elementwise kernel) {
    long size = type.shape().size();
    if (type.dtype() == DType.FLOAT32) {
      return PreparedOperator.inPlace(
          0,
          (in, out, run) ->
              Chunks.forEach(
                  run.pool(),
                  size,
                  (first, count) ->
                      kernel.unary(
                          activation, in[0].segment(), first, out[0].segment(), first, count)));
    }
    boolean isFloat = type.dtype().isFloat();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            Chunks.forEach(
                run.pool(),
                size,
                (first, count) -> {
                  if (isFloat) {
                    doubles(activation, in[0], out[0], first, count);
                  } else {
                    longs(activation, in[0], out[0], first, count);
                  }
                }));
  }

  private static void doubles(Activation f, Tensor x, Tensor y, long first, long count) {
    for (long i = first; i < first + count; i++) {
      y.setFromDouble(i, Arithmetic.apply(f, x.asDouble(i)));
    }
  }

  private static void longs(Activation f, Tensor x, Tensor y, long first, long count) {
    for (long i = first; i < first + count; i++) {
      y.setFromLong(i, Arithmetic.apply(f, x.asLong(i)));
    }
  }
}
