package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Reduce.Kind;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Arithmetic, activations, products and reductions, by ONNX name. */
public final class MathOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE = make();

  private MathOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }

  private static Map<String, Function<NodeAttributes, Operator>> make() {
    Map<String, Function<NodeAttributes, Operator>> table = new HashMap<>();
    putUnary(table);
    table.put("Add", Binary.of(BinaryFunction.ADD));
    table.put("Clip", Clip::of);
    table.put("Div", Binary.of(BinaryFunction.DIV));
    table.put("Gemm", Gemm::of);
    table.put("LayerNormalization", LayerNormalization::of);
    table.put("LogSoftmax", Softmax::ofLog);
    table.put("MatMul", MatMul::of);
    table.put("Max", Variadic.of(BinaryFunction.MAX));
    table.put("Mean", Variadic::ofMean);
    table.put("Min", Variadic.of(BinaryFunction.MIN));
    table.put("Mul", Binary.of(BinaryFunction.MUL));
    table.put("PRelu", Binary.of(BinaryFunction.PRELU));
    table.put("Pow", Binary.of(BinaryFunction.POW));
    table.put("ReduceL1", Reduction.of(Kind.L1));
    table.put("ReduceL2", Reduction.of(Kind.L2));
    table.put("ReduceLogSum", Reduction.of(Kind.LOG_SUM));
    table.put("ReduceLogSumExp", Reduction.of(Kind.LOG_SUM_EXP));
    table.put("ReduceMax", Reduction.of(Kind.MAX));
    table.put("ReduceMean", Reduction.of(Kind.MEAN));
    table.put("ReduceMin", Reduction.of(Kind.MIN));
    table.put("ReduceProd", Reduction.of(Kind.PRODUCT));
    table.put("ReduceSum", Reduction.of(Kind.SUM));
    table.put("ReduceSumSquare", Reduction.of(Kind.SUM_SQUARE));
    table.put("Softmax", Softmax::of);
    table.put("Sub", Binary.of(BinaryFunction.SUB));
    table.put("Sum", Variadic.of(BinaryFunction.ADD));
    return Map.copyOf(table);
  }

  private static void putUnary(Map<String, Function<NodeAttributes, Operator>> table) {
    table.put("Abs", Unary.of(UnaryFunction.ABS));
    table.put("Ceil", Unary.of(UnaryFunction.CEIL));
    table.put("Elu", Unary.withAlpha(UnaryFunction.ELU, 1));
    table.put("Erf", Unary.of(UnaryFunction.ERF));
    table.put("Exp", Unary.of(UnaryFunction.EXP));
    table.put("Floor", Unary.of(UnaryFunction.FLOOR));
    table.put("Gelu", Unary::gelu);
    table.put("HardSigmoid", Unary::hardSigmoid);
    table.put("HardSwish", Unary.of(UnaryFunction.HARD_SWISH));
    table.put("LeakyRelu", Unary.withAlpha(UnaryFunction.LEAKY_RELU, 0.01f));
    table.put("Log", Unary.of(UnaryFunction.LOG));
    table.put("Neg", Unary.of(UnaryFunction.NEG));
    table.put("Reciprocal", Unary.of(UnaryFunction.RECIPROCAL));
    table.put("Relu", Unary.of(UnaryFunction.RELU));
    table.put("Round", Unary.of(UnaryFunction.ROUND));
    table.put("Sigmoid", Unary.of(UnaryFunction.SIGMOID));
    table.put("Softplus", Unary.of(UnaryFunction.SOFTPLUS));
    table.put("Softsign", Unary.of(UnaryFunction.SOFTSIGN));
    table.put("Sqrt", Unary.of(UnaryFunction.SQRT));
    table.put("Swish", Unary.withAlpha(UnaryFunction.SWISH, 1));
    table.put("Tanh", Unary.of(UnaryFunction.TANH));
  }
}
