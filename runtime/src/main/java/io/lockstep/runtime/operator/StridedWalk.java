package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Shape;
import java.util.Arrays;

/** The elements of a box in row-major order, each as an offset from the first one. */
final class StridedWalk {

  private final int[] extents;
  private final long[] strides;
  private final int count;

  StridedWalk(int[] extents, long[] strides) {
    this.extents = extents;
    this.strides = strides;
    this.count = Shape.of(extents).intSize();
  }

  /** The walk along those axes of a shape whose flag is {@code chosen}. */
  static StridedWalk ofAxes(Shape shape, boolean[] flags, boolean chosen) {
    long[] own = shape.strides();
    int[] extents = new int[shape.rank()];
    long[] strides = new long[shape.rank()];
    int rank = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (flags[axis] == chosen) {
        extents[rank] = shape.extent(axis);
        strides[rank++] = own[axis];
      }
    }
    return new StridedWalk(Arrays.copyOf(extents, rank), Arrays.copyOf(strides, rank));
  }

  int count() {
    return count;
  }

  /** The offset of the element with this place in the order. */
  long offset(int index) {
    long at = 0;
    int rest = index;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      at += rest % extents[axis] * strides[axis];
      rest /= extents[axis];
    }
    return at;
  }
}
