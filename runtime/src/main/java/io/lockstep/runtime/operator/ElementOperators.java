package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Functions of single elements that need no kernel of their own, by ONNX name. */
public final class ElementOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("Acos", RealUnary.of(Math::acos)),
          entry("Acosh", RealUnary.of(RealUnary::acosh)),
          entry("Asin", RealUnary.of(Math::asin)),
          entry("Asinh", RealUnary.of(RealUnary::asinh)),
          entry("Atan", RealUnary.of(Math::atan)),
          entry("Atanh", RealUnary.of(RealUnary::atanh)),
          entry("BitShift", IntegerBinary::shift),
          entry("BitwiseAnd", IntegerBinary.of((x, y) -> x & y)),
          entry("BitwiseNot", BitwiseNot::of),
          entry("BitwiseOr", IntegerBinary.of((x, y) -> x | y)),
          entry("BitwiseXor", IntegerBinary.of((x, y) -> x ^ y)),
          entry("Celu", ElementFunction::celu),
          entry("Cos", RealUnary.of(Math::cos)),
          entry("Cosh", RealUnary.of(Math::cosh)),
          entry("Dropout", Dropout::of),
          entry("Hardmax", Hardmax::of),
          entry("IsInf", FloatTest::isInf),
          entry("IsNaN", FloatTest::isNaN),
          entry("Mish", ElementFunction::mish),
          entry("Mod", Mod::of),
          entry("RMSNormalization", RmsNormalization::of),
          entry("Selu", ElementFunction::selu),
          entry("Shrink", ElementFunction::shrink),
          entry("Sign", ElementFunction::sign),
          entry("Sin", RealUnary.of(Math::sin)),
          entry("Sinh", RealUnary.of(Math::sinh)),
          entry("Tan", RealUnary.of(Math::tan)),
          entry("ThresholdedRelu", ElementFunction::thresholdedRelu));

  private ElementOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
