package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;

/**
 * Where the heads of a query, key or value lie: in [batch, heads, length, size], or side by side in
 * the rows of [batch, length, heads * size].
 */
record HeadLayout(int batch, int heads, int length, int size, boolean sideBySide) {

  /**
   * The layout of a tensor.
   *
   * @param heads how many heads a tensor of rank 3 holds; not read for rank 4
   */
  static HeadLayout of(OperatorInputs inputs, int input, int heads) {
    Shape shape = inputs.shape(input);
    if (shape.rank() == 4) {
      return new HeadLayout(
          shape.extent(0), shape.extent(1), shape.extent(2), shape.extent(3), false);
    }
    if (shape.rank() != 3 || heads < 1 || shape.extent(2) % heads != 0) {
      throw inputs.invalid("input %d of shape %s in %d heads".formatted(input, shape, heads));
    }
    return new HeadLayout(shape.extent(0), heads, shape.extent(1), shape.extent(2) / heads, true);
  }

  /** The layout of a tensor [batch, length, heads, size]. */
  static HeadLayout ofLengthFirst(OperatorInputs inputs, int input) {
    Shape shape = inputs.shape(input);
    if (shape.rank() != 4) {
      throw inputs.invalid("input %d of shape %s has not 4 axes".formatted(input, shape));
    }
    return new HeadLayout(shape.extent(0), shape.extent(2), shape.extent(1), shape.extent(3), true);
  }

  /** The same positions with heads of another size. */
  HeadLayout withSize(int newSize) {
    return new HeadLayout(batch, heads, length, newSize, sideBySide);
  }

  Shape shape() {
    return sideBySide
        ? Shape.of(batch, length, heads * size)
        : Shape.of(batch, heads, length, size);
  }

  /** The index of a head's first element. */
  long offset(int item, int head) {
    return sideBySide
        ? (long) item * length * heads * size + (long) head * size
        : ((long) item * heads + head) * length * size;
  }

  /** Elements between neighbouring positions of a head. */
  int rowStride() {
    return sideBySide ? heads * size : size;
  }

  /** The strides of [batch, heads, length, size], in elements. */
  long[] strides() {
    return sideBySide
        ? new long[] {(long) length * heads * size, size, (long) heads * size, 1}
        : new long[] {(long) heads * length * size, (long) length * size, size, 1};
  }
}
