package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * The ONNX functions of one element that have no kernel: the trigonometric and hyperbolic ones and
 * the rarer activations, computed in double precision. y has the type of x.
 *
 * @param name the ONNX operator
 */
record RealUnary(String name, DoubleUnaryOperator function) implements Operator {

  static Function<NodeAttributes, Operator> of(DoubleUnaryOperator function) {
    return attributes -> new RealUnary(attributes.operator(), function);
  }

  /** ONNX Acosh 9-22: the logarithm of x + sqrt(x^2 - 1). */
  static double acosh(double x) {
    return Math.log(x + Math.sqrt(x * x - 1));
  }

  /** ONNX Asinh 9-22: odd, and near 0 without the cancellation that its logarithm has. */
  static double asinh(double x) {
    double a = Math.abs(x);
    return Math.copySign(Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1))), x);
  }

  /** ONNX Atanh 9-22. */
  static double atanh(double x) {
    return 0.5 * (Math.log1p(x) - Math.log1p(-x));
  }

  /** ONNX Mish 18-22: x tanh(log(1 + exp(x))). */
  static double mish(double x) {
    return x * Math.tanh(Arithmetic.softplus(x));
  }

  /** ONNX Celu 12: max(0, x) + min(0, alpha (exp(x / alpha) - 1)). */
  static Operator celu(NodeAttributes attributes) {
    double alpha = attributes.floatOr("alpha", 1);
    return new RealUnary("Celu", x -> x > 0 ? x : alpha * Math.expm1(x / alpha));
  }

  /** ONNX Selu 6-22: gamma x for positive x, else gamma alpha (exp(x) - 1). */
  static Operator selu(NodeAttributes attributes) {
    double alpha = attributes.floatOr("alpha", 1.6732632f);
    double gamma = attributes.floatOr("gamma", 1.050701f);
    return new RealUnary("Selu", x -> gamma * (x > 0 ? x : alpha * Math.expm1(x)));
  }

  /** ONNX ThresholdedRelu 10-22: x above alpha, else 0. */
  static Operator thresholdedRelu(NodeAttributes attributes) {
    double alpha = attributes.floatOr("alpha", 1);
    return new RealUnary("ThresholdedRelu", x -> x <= alpha ? 0 : x);
  }

  /** ONNX Shrink 9: what lies outside of [-lambd, lambd] moves towards 0 by bias, the rest is 0. */
  static Operator shrink(NodeAttributes attributes) {
    double lambda = attributes.floatOr("lambd", 0.5f);
    double bias = attributes.floatOr("bias", 0);
    return new RealUnary("Shrink", x -> x < -lambda ? x + bias : x > lambda ? x - bias : 0);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) == DType.BOOL || inputs.dtype(0) == DType.STRING) {
      throw inputs.invalid("expected numbers but got " + inputs.type(0));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return RealLoop.prepare(
        function, x -> (long) function.applyAsDouble((double) x), inputs.type(0));
  }
}
