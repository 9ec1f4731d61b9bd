package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;

/** What happens to an element when an update is scattered onto it. */
enum Placement {
  REPLACE(BinaryFunction.ADD),
  ADD(BinaryFunction.ADD),
  MULTIPLY(BinaryFunction.MUL),
  MAX(BinaryFunction.MAX),
  MIN(BinaryFunction.MIN);

  private final BinaryFunction function; // unused when the element is replaced

  Placement(BinaryFunction function) {
    this.function = function;
  }

  /** The one that the attribute {@code reduction} names. */
  static Placement of(NodeAttributes attributes) {
    String name = attributes.stringOr("reduction", "none");
    return switch (name) {
      case "none" -> REPLACE;
      case "add" -> ADD;
      case "mul" -> MULTIPLY;
      case "max" -> MAX;
      case "min" -> MIN;
      default ->
          throw new UnsupportedModelException(
              attributes.operator() + ": the reduction '" + name + "' is unknown");
    };
  }

  /** Brings {@code updates[j]} onto {@code y[i]}. */
  void put(Tensor updates, long j, Tensor y, long i) {
    if (this == REPLACE) {
      Elements.copy(updates, j, y, i);
    } else if (y.dtype().isFloat()) {
      y.setFromDouble(i, Arithmetic.apply(function, y.asDouble(i), updates.asDouble(j)));
    } else {
      boolean unsigned = y.dtype() == DType.UINT64;
      y.setFromLong(i, Arithmetic.apply(function, y.asLong(i), updates.asLong(j), unsigned));
    }
  }

  /** Starts a scatter: y holds the elements of x, which may be the same memory. */
  static void start(Tensor x, Tensor y) {
    if (x.dtype() == DType.STRING || x.segment().address() != y.segment().address()) {
      y.copyFrom(x);
    }
  }
}
