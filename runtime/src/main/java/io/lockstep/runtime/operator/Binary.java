package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * ONNX Add, Sub, Mul, Div, Pow, PRelu 7-25, and Min and Max of two: z = f(x, y) with broadcasting;
 * any numeric type. The exponent of Pow may have a type of its own.
 *
 * @param name the ONNX operator
 */
public record Binary(String name, BinaryFunction function) implements LayoutAware, ElementStep {

  /** The factory of an operator that computes this function. */
  static Function<NodeAttributes, Operator> of(BinaryFunction function) {
    return attributes ->
        LegacyBroadcast.of(attributes, new Binary(attributes.operator(), function));
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(this);
  }

  @Override
  public boolean isImage(int input) {
    return true;
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Binary(function, operands.get(0), operands.get(1));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType dtype = inputs.dtype(0);
    if (dtype == DType.BOOL || dtype == DType.STRING || inputs.dtype(1) == DType.STRING) {
      throw inputs.invalid("expected numbers but got " + inputs.type(0) + ", " + inputs.type(1));
    }
    if (function != BinaryFunction.POW && inputs.dtype(1) != dtype) {
      throw inputs.invalid(
          "expected one type but got " + inputs.type(0) + " and " + inputs.type(1));
    }
    return List.of(
        new TensorType(dtype, BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType output = outputTypes(inputs).getFirst();
    Elementwise kernel = context.kernels().elementwise();
    if (isSquare(inputs) && output.equals(inputs.type(0))) {
      return Unary.prepare(Activation.of(UnaryFunction.SQUARE), output, kernel);
    }
    BroadcastLoops loops = BroadcastLoops.of(output.shape(), inputs.shape(0), inputs.shape(1));
    int over = inputs.type(0).equals(output) ? 0 : inputs.type(1).equals(output) ? 1 : -1;
    BinaryLoop loop = BinaryLoop.of(function, inputs.dtype(0), inputs.dtype(1), kernel, loops);
    return PreparedOperator.inPlace(
        over, (in, out, run) -> loop.run(in[0], in[1], out[0], run.pool()));
  }

  /** Whether this is the power 2, which is by far the most frequent one. */
  private boolean isSquare(OperatorInputs inputs) {
    return function == BinaryFunction.POW
        && inputs.shape(1).size() == 1
        && inputs.constant(1).filter(y -> y.asDouble(0) == 2).isPresent();
  }
}
