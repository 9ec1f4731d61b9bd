package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.UnaryOperator;

/**
 * ONNX IsNaN 9-20 and IsInf 10-20: whether a float is special; y: BOOL.
 *
 * @param name the ONNX operator
 * @param steps the same for FLOAT32
 */
record FloatTest(String name, DoublePredicate test, UnaryOperator<Node> steps)
    implements ElementStep {

  static Operator isNaN(NodeAttributes attributes) {
    return new FloatTest("IsNaN", Double::isNaN, x -> ElementChain.not(equal(x, x)));
  }

  static Operator isInf(NodeAttributes attributes) {
    boolean positive = attributes.intOr("detect_positive", 1) != 0;
    boolean negative = attributes.intOr("detect_negative", 1) != 0;
    return new FloatTest(
        "IsInf",
        x -> Double.isInfinite(x) && (x > 0 ? positive : negative),
        x ->
            new ElementChain.Join(
                Junction.OR,
                equal(x, new ElementChain.Literal(positive ? Float.POSITIVE_INFINITY : Float.NaN)),
                equal(
                    x, new ElementChain.Literal(negative ? Float.NEGATIVE_INFINITY : Float.NaN))));
  }

  /** Never true of a NaN. */
  private static Node equal(Node x, Node y) {
    return new ElementChain.Compare(Relation.EQUAL, x, y);
  }

  @Override
  public Node step(List<Node> operands) {
    return steps.apply(operands.getFirst());
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (!inputs.dtype(0).isFloat()) {
      throw inputs.invalid("x is " + inputs.type(0) + ", expected floats");
    }
    return List.of(inputs.type(0).withDType(DType.BOOL));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseGet(() -> elementByElement(inputs));
  }

  private PreparedOperator elementByElement(OperatorInputs inputs) {
    long size = inputs.shape(0).size();
    return (in, out, run) ->
        Chunks.forEach(
            run.pool(),
            size,
            (first, count) -> {
              for (long i = first; i < first + count; i++) {
                out[0].setBoolean(i, test.test(in[0].asDouble(i)));
              }
            });
  }
}
