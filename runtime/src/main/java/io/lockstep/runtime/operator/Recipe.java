package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Value;
import java.util.List;

/** Draws the standard operators that another operator amounts to. */
@FunctionalInterface
interface Recipe {

  /** The values that are the operator's outputs; as many as any node of it names. */
  List<Value> draw(Sketch sketch);
}
