package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators that make, move and pick elements, by ONNX name. */
public final class ShapeOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("Cast", Cast::of),
          entry("Concat", Concat::of),
          entry("Constant", Constant::of),
          entry("ConstantOfShape", ConstantOfShape::of),
          entry("Expand", Expand::of),
          entry("Flatten", Flatten::of),
          entry("Gather", Gather::of),
          entry("Identity", Identity::of),
          entry("Range", Range::of),
          entry("Reshape", Reshape::of),
          entry("Shape", ShapeOf::of),
          entry("Size", Size::of),
          entry("Split", Split::of),
          entry("CastLike", CastLike::of),
          entry("Tile", Tile::of),
          entry("Slice", Slice::of),
          entry("Squeeze", Squeeze::of),
          entry("Transpose", Transpose::of),
          entry("Unsqueeze", Unsqueeze::of));

  private ShapeOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
