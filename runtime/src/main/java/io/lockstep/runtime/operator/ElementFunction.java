package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.Literal;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Select;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The ONNX functions of one element that are a few steps of a chain, each rounded as it is by
 * itself. y has the type of x.
 *
 * @param name the ONNX operator
 * @param others the same for the types that chains do not have
 */
record ElementFunction(String name, UnaryOperator<Node> steps, Operator others)
    implements ElementStep {

  /** ONNX Celu 12: x for positive x, else alpha (exp(x / alpha) - 1). */
  static Operator celu(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 1);
    return new ElementFunction(
        "Celu",
        x ->
            new Select(
                compare(Relation.GREATER, x, 0),
                x,
                less1(exp(binary(BinaryFunction.DIV, x, alpha)), alpha)),
        RealUnary.celu(attributes));
  }

  /** ONNX Mish 18-22: x tanh(log(1 + exp(x))). */
  static Operator mish(NodeAttributes attributes) {
    return new ElementFunction(
        "Mish",
        x ->
            new ElementChain.Binary(
                BinaryFunction.MUL, x, unary(UnaryFunction.TANH, unary(UnaryFunction.SOFTPLUS, x))),
        RealUnary.of(RealUnary::mish).apply(attributes));
  }

  /** ONNX Selu 6-22: gamma x for positive x, else gamma alpha (exp(x) - 1). */
  static Operator selu(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 1.6732632f);
    float gamma = attributes.floatOr("gamma", 1.050701f);
    return new ElementFunction(
        "Selu",
        x ->
            binary(
                BinaryFunction.MUL,
                new Select(compare(Relation.GREATER, x, 0), x, less1(exp(x), alpha)),
                gamma),
        RealUnary.selu(attributes));
  }

  /** ONNX Shrink 9: what lies outside of [-lambd, lambd] moves towards 0 by bias, the rest is 0. */
  static Operator shrink(NodeAttributes attributes) {
    float lambda = attributes.floatOr("lambd", 0.5f);
    float bias = attributes.floatOr("bias", 0);
    return new ElementFunction(
        "Shrink",
        x ->
            new Select(
                compare(Relation.LESS, x, -lambda),
                binary(BinaryFunction.ADD, x, bias),
                new Select(
                    compare(Relation.GREATER, x, lambda),
                    binary(BinaryFunction.SUB, x, bias),
                    new Literal(0))),
        RealUnary.shrink(attributes));
  }

  /** ONNX Sign 9-13: -1, 0 or 1 as x is negative, zero or positive; a NaN stays one. */
  static Operator sign(NodeAttributes attributes) {
    return new ElementFunction(
        "Sign",
        x ->
            new Select(
                compare(Relation.GREATER, x, 0),
                new Literal(1),
                new Select(compare(Relation.LESS, x, 0), new Literal(-1), x)),
        Sign.of(attributes));
  }

  /** ONNX ThresholdedRelu 10-22: x above alpha, else 0. */
  static Operator thresholdedRelu(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 1);
    return new ElementFunction(
        "ThresholdedRelu",
        x -> new Select(compare(Relation.LESS_OR_EQUAL, x, alpha), new Literal(0), x),
        RealUnary.thresholdedRelu(attributes));
  }

  private static Node compare(Relation relation, Node x, float y) {
    return new ElementChain.Compare(relation, x, new Literal(y));
  }

  private static Node binary(BinaryFunction function, Node x, float y) {
    return new ElementChain.Binary(function, x, new Literal(y));
  }

  private static Node unary(UnaryFunction function, Node x) {
    return new ElementChain.Unary(Activation.of(function), x);
  }

  private static Node exp(Node x) {
    return unary(UnaryFunction.EXP, x);
  }

  /** (x - 1) factor. */
  private static Node less1(Node x, float factor) {
    return binary(BinaryFunction.MUL, binary(BinaryFunction.SUB, x, 1), factor);
  }

  @Override
  public Node step(List<Node> operands) {
    return steps.apply(operands.getFirst());
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return others.outputTypes(inputs);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseGet(() -> others.prepare(inputs, context));
  }
}
