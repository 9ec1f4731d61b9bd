package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators over quantised tensors, by ONNX name. */
public final class QuantOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("ConvInteger", ConvInteger::of),
          entry("DequantizeLinear", DequantizeLinear::of),
          entry("DynamicQuantizeLinear", DynamicQuantizeLinear::of),
          entry("MatMulInteger", MatMulInteger::of),
          entry("QLinearConv", QLinearConv::of),
          entry("QLinearMatMul", QLinearMatMul::of),
          entry("QuantizeLinear", QuantizeLinear::of));

  private QuantOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
