package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.tensor.Shape;

/**
 * The place of an element within its item of the batch, so that what depends on it is the same
 * alone and in a batch.
 */
record ItemPlaces(long itemSize) {

  /**
   * The places in a tensor of the shape of input 0, whose outermost axis may be that of a batch.
   */
  static ItemPlaces of(Shape shape, PrepareContext context) {
    boolean isBatch =
        shape.rank() > 0
            && shape.extent(0) > 0
            && context.axisRoles(0).filter(roles -> isBatched(roles.getFirst())).isPresent();
    long size = Math.max(1, shape.size());
    return new ItemPlaces(isBatch ? size / shape.extent(0) : size);
  }

  private static boolean isBatched(AxisRole role) {
    return role == AxisRole.BATCH;
  }

  long of(long element) {
    return element % itemSize;
  }
}
