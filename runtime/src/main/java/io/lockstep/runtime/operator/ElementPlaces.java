package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;

/**
 * Where the elements that an index tensor names stand in another tensor of the same rank: at the
 * index's own place, but for one axis, along which the index counts.
 */
final class ElementPlaces {

  private final StridedWalk walk;
  private final int extent;
  private final long stride;

  private ElementPlaces(StridedWalk walk, int extent, long stride) {
    this.walk = walk;
    this.extent = extent;
    this.stride = stride;
  }

  /** The places in input 0 that the indices in input 1 name. */
  static ElementPlaces of(OperatorInputs inputs, long axis) {
    Indices.check(inputs, 1);
    Shape x = inputs.shape(0);
    Shape indices = inputs.shape(1);
    int along = Axes.resolve(inputs, axis, x.rank());
    boolean fits = indices.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      fits = i == along || indices.extent(i) <= x.extent(i);
    }
    if (!fits) {
      throw inputs.invalid("indices %s do not lie within %s".formatted(indices, x));
    }
    long[] strides = x.strides();
    long stride = strides[along];
    strides[along] = 0;
    return new ElementPlaces(new StridedWalk(indices.toArray(), strides), x.extent(along), stride);
  }

  /** How many indices there are. */
  int count() {
    return walk.count();
  }

  /** How many entries the axis has. */
  int extent() {
    return extent;
  }

  /** The place of the element that the index at this position names. */
  long of(int position, long index) {
    return walk.offset(position) + index * stride;
  }
}
