package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import java.util.Map;
import java.util.function.Function;

/** Comparisons, truth values and choices, by ONNX name. */
public final class LogicOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("And", LogicalBinary.of(Junction.AND)),
          entry("Equal", Compare.of(Relation.EQUAL)),
          entry("Greater", Compare.of(Relation.GREATER)),
          entry("GreaterOrEqual", Compare.of(Relation.GREATER_OR_EQUAL)),
          entry("Less", Compare.of(Relation.LESS)),
          entry("LessOrEqual", Compare.of(Relation.LESS_OR_EQUAL)),
          entry("Not", Not::of),
          entry("Or", LogicalBinary.of(Junction.OR)),
          entry("Where", Where::of),
          entry("Xor", LogicalBinary.of(Junction.XOR)));

  private LogicOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
