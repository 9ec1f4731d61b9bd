package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.tensor.Shape;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a tensor [..., row length] belong to which item of a batch, and which part of them
 * is valid. The leading axes are seen as [outer, items, inner]; without roles the tensor is one
 * item.
 */
final class ItemRows {

  private final int outer;
  private final int itemExtent; // items, or items * paddedLength when merged
  private final int inner;
  private final boolean merged;
  private final int rowLength;
  private final boolean lengthInRow;
  private final int[] lengthStrides; // rows between neighbours along each leading LENGTH axis
  private final int[] lengthExtents;

  private ItemRows(
      int outer,
      int itemExtent,
      int inner,
      boolean merged,
      int rowLength,
      boolean lengthInRow,
      int[] lengthStrides,
      int[] lengthExtents) {
    this.outer = outer;
    this.itemExtent = itemExtent;
    this.inner = inner;
    this.merged = merged;
    this.rowLength = rowLength;
    this.lengthInRow = lengthInRow;
    this.lengthStrides = lengthStrides;
    this.lengthExtents = lengthExtents;
  }

  /**
   * The items of a tensor.
   *
   * @param roles what its axes mean, or null when unknown
   */
  static ItemRows of(Shape shape, @Nullable List<AxisRole> roles) {
    int last = shape.rank() - 1;
    int rowLength = shape.extent(last);
    int batchAxis = roles == null ? -1 : batchAxis(roles);
    if (roles == null
        || (batchAxis < 0 && !roles.contains(AxisRole.LENGTH))
        || batchAxis == last
        || roles.size() != shape.rank()) {
      return new ItemRows(
          1, 1, shape.product(0, last), false, rowLength, false, new int[0], new int[0]);
    }
    int[] lengths =
        java.util.stream.IntStream.range(0, last)
            .filter(axis -> roles.get(axis) == AxisRole.LENGTH)
            .toArray();
    int[] strides = new int[lengths.length];
    int[] extents = new int[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      strides[i] = shape.product(lengths[i] + 1, last);
      extents[i] = shape.extent(lengths[i]);
    }
    boolean hasBatch = batchAxis >= 0;
    return new ItemRows(
        hasBatch ? shape.product(0, batchAxis) : 1,
        hasBatch ? shape.extent(batchAxis) : 1,
        hasBatch ? shape.product(batchAxis + 1, last) : shape.product(0, last),
        hasBatch && roles.get(batchAxis) == AxisRole.BATCH_LENGTH,
        rowLength,
        roles.get(last) == AxisRole.LENGTH,
        strides,
        extents);
  }

  /** The one axis that tells items apart; -1 when there is none, or more than one. */
  private static int batchAxis(List<AxisRole> roles) {
    int batch = roles.indexOf(AxisRole.BATCH);
    int merged = roles.indexOf(AxisRole.BATCH_LENGTH);
    int axis = Math.max(batch, merged);
    boolean unique =
        Collections.frequency(roles, AxisRole.BATCH)
                + Collections.frequency(roles, AxisRole.BATCH_LENGTH)
            == 1;
    return unique ? axis : -1;
  }

  int rows() {
    return outer * itemExtent * inner;
  }

  int rowLength() {
    return rowLength;
  }

  /** How many items the tensor holds in this run. */
  int items(BatchLayout batch) {
    return merged ? Math.max(1, batch.items()) : itemExtent;
  }

  /** How many stretches of neighbouring rows an item has. */
  int stretches() {
    return outer;
  }

  /** How many neighbouring rows such a stretch has. */
  int stretchRows(int items) {
    return itemExtent / items * inner;
  }

  /** The first row of an item's stretch. */
  int firstRow(int stretch, int item, int items) {
    return (stretch * items + item) * stretchRows(items);
  }

  /** How many elements at the start of a row are valid; none in a row of padding. */
  int validElements(int row, int item, int items, BatchLayout batch) {
    boolean known = item < batch.items();
    if (merged) {
      int padded = itemExtent / items;
      if (known && row / inner % padded >= batch.length(item, padded)) {
        return 0;
      }
    }
    for (int i = 0; i < lengthStrides.length; i++) {
      int position = row / lengthStrides[i] % lengthExtents[i];
      if (known && position >= batch.length(item, lengthExtents[i])) {
        return 0;
      }
    }
    return lengthInRow && known ? batch.length(item, rowLength) : rowLength;
  }
}
