package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.operator.RowCopy.Axis;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A strided copy of words or bytes as the transposition of matrices. Everything counts bytes. */
final class MatrixCopy {

  /** Rows and columns that are worth it: with fewer, rows of places are as quick. */
  private static final int LEAST_ROWS = 16;

  private static final int LEAST_COLUMNS = 8;

  /** Rows whose words take turns in the destination. */
  private static final int MOST_INTERLEAVED = 4;

  /** Elements that are worth another thread. */
  private static final int CHUNK = 32_768;

  private final int elementBytes;
  private final OuterAxes outer;
  private final int rows; // of the source
  private final long fromStride;
  private final int columns;
  private final long toStride;
  private final int rowsOfChunk;
  private final int chunks;

  private MatrixCopy(int elementBytes, List<Axis> outer, Axis row, Axis column) {
    this.elementBytes = elementBytes;
    this.outer = new OuterAxes(outer);
    this.rows = row.extent();
    this.fromStride = row.from();
    this.columns = column.extent();
    this.toStride = column.to();
    int wanted = Math.max(1, CHUNK / columns);
    this.rowsOfChunk = Math.min(rows, Math.ceilDiv(wanted, LEAST_ROWS) * LEAST_ROWS);
    this.chunks = Math.ceilDiv(rows, rowsOfChunk);
  }

  /**
   * The copy in this form, if it has it.
   *
   * @param elementBytes bytes of an element
   * @param axes of both patterns in elements, in the destination's order
   */
  static Optional<MatrixCopy> of(int elementBytes, List<Axis> axes) {
    if (elementBytes != Integer.BYTES && elementBytes != 1) {
      return Optional.empty();
    }
    List<Axis> left = new ArrayList<>();
    for (Axis axis : axes) {
      left.add(axis.scaled(elementBytes));
    }
    Axis row = left.removeLast(); // its neighbours are neighbours in the destination
    Axis column =
        left.stream().filter(axis -> axis.from() == elementBytes).findFirst().orElse(null);
    if (column == null
        || row.to() != elementBytes
        || row.from() <= 0
        || column.to() <= 0
        || !isWorth(row.extent(), column, elementBytes)) {
      return Optional.empty();
    }
    left.remove(column);
    return left.stream().allMatch(axis -> axis.extent() > 0)
        ? Optional.of(new MatrixCopy(elementBytes, left, row, column))
        : Optional.empty();
  }

  private static boolean isWorth(int rows, Axis column, int elementBytes) {
    boolean isInterleaved =
        rows >= 2
            && rows <= MOST_INTERLEAVED
            && elementBytes == Integer.BYTES
            && column.to() == (long) rows * elementBytes;
    return isInterleaved
        ? column.extent() >= LEAST_ROWS
        : rows >= LEAST_ROWS && column.extent() >= LEAST_COLUMNS;
  }

  /** Copies, starting at these bytes. */
  void run(
      Copies copies,
      MemorySegment from,
      long fromByte,
      MemorySegment to,
      long toByte,
      ComputePool pool) {
    pool.parallelFor(
        Math.multiplyExact(chunks, outer.places()),
        Math.max(1, CHUNK / (rowsOfChunk * columns)),
        (first, end) -> {
          for (int unit = first; unit < end; unit++) {
            int row = unit % chunks * rowsOfChunk;
            int place = unit / chunks;
            long source = fromByte + row * fromStride + outer.from(place);
            long target = toByte + (long) row * elementBytes + outer.to(place);
            int count = Math.min(rowsOfChunk, rows - row);
            copies.transpose(
                elementBytes, count, columns, from, source, fromStride, to, target, toStride);
          }
        });
  }
}
