package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators that hold graphs of their own, by ONNX name. */
public final class ControlOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(entry("If", If::of), entry("Loop", Loop::of), entry("Scan", Scan::of));

  private ControlOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
