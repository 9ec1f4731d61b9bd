package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.operator.RowCopy.Axis;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Moves elements of any type from one regular pattern of places to another: what transposing,
 * slicing, expanding, joining and splitting come down to. Axes that are neighbours in both patterns
 * are merged; contiguous stretches are copied as blocks, and a transposition goes tile by tile, so
 * that neither side leaves the cache between neighbours.
 */
final class StridedCopy {

  private static final int TILE = 16;
  private static final long GRAIN_BYTES = 1 << 16;

  /** Elements of a filled stretch that are copied at once; they stay in the first-level cache. */
  private static final int MAX_REPEATED = 2048;

  private final DType dtype;
  private final int[] extents; // outer axes
  private final long[] fromStrides; // of the outer axes, in elements
  private final long[] toStrides;
  private final long fromStart;
  private final long toStart;
  private final int rows; // 1 unless the elements are transposed
  private final long fromRow;
  private final long toRow;
  private final int inner;
  private final long fromInner;
  private final long toInner;
  private final int units;
  private final Optional<MatrixCopy> matrixCopy;
  private final Optional<RowCopy> rowCopy;

  private StridedCopy(DType dtype, List<Axis> axes, long fromStart, long toStart) {
    this.dtype = dtype;
    this.fromStart = fromStart;
    this.toStart = toStart;
    this.matrixCopy = MatrixCopy.of(dtype.bytes(), axes);
    this.rowCopy = dtype == DType.STRING ? Optional.empty() : RowCopy.of(dtype.bytes(), axes);
    Axis last = axes.removeLast();
    this.inner = last.extent();
    this.fromInner = last.from();
    this.toInner = last.to();
    Axis row = new Axis(1, 0, 0);
    if (last.from() != 1) {
      for (Axis axis : axes) {
        row = axis.from() == 1 ? axis : row;
      }
      axes.remove(row);
    }
    this.rows = row.extent();
    this.fromRow = row.from();
    this.toRow = row.to();
    this.extents = axes.stream().mapToInt(Axis::extent).toArray();
    this.fromStrides = axes.stream().mapToLong(Axis::from).toArray();
    this.toStrides = axes.stream().mapToLong(Axis::to).toArray();
    long count = inner == 0 ? 0 : (rows + TILE - 1) / TILE;
    for (int extent : extents) {
      count *= extent;
    }
    this.units = Math.toIntExact(count);
  }

  /**
   * A copy of {@code extents} elements; starts and strides count elements.
   *
   * @param extents [axes]
   * @param fromStrides [axes]
   * @param toStrides [axes]
   */
  static StridedCopy of(
      DType dtype,
      int[] extents,
      long fromStart,
      long[] fromStrides,
      long toStart,
      long[] toStrides) {
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < extents.length; i++) {
      if (extents[i] == 1) {
        continue;
      }
      Axis axis = new Axis(extents[i], fromStrides[i], toStrides[i]);
      Axis before = axes.isEmpty() ? null : axes.getLast();
      if (before != null
          && before.from() == axis.from() * axis.extent()
          && before.to() == axis.to() * axis.extent()) {
        axes.removeLast();
        axis = new Axis(Math.multiplyExact(before.extent(), axis.extent()), axis.from(), axis.to());
      }
      axes.add(axis);
    }
    if (axes.isEmpty()) {
      axes.add(new Axis(1, 1, 1));
    }
    return new StridedCopy(dtype, axes, fromStart, toStart);
  }

  /** A copy that fills a contiguous tensor of this shape from a pattern of places. */
  static StridedCopy gather(DType dtype, Shape to, long fromStart, long[] fromStrides) {
    return of(dtype, to.toArray(), fromStart, fromStrides, 0, to.strides());
  }

  /** Whether source and destination are the same elements in the same order. */
  boolean isIdentity() {
    return extents.length == 0
        && rows == 1
        && fromInner == 1
        && toInner == 1
        && fromStart == 0
        && toStart == 0;
  }

  /** The copy of the first input to the first output; none at all where nothing moves. */
  PreparedOperator prepared(long inputSize) {
    if (isIdentity() && inner == inputSize) {
      return PreparedOperator.view();
    }
    return (in, out, run) -> run(in[0], out[0], run);
  }

  void run(Tensor from, Tensor to, RunContext context) {
    if (dtype == DType.STRING) {
      for (int unit = 0; unit < units; unit++) {
        texts(from.strings(), to.strings(), unit);
      }
      return;
    }
    int bytes = dtype.bytes();
    if (matrixCopy.isPresent()) {
      matrixCopy
          .get()
          .run(
              context.copies(),
              from.segment(),
              fromStart * bytes,
              to.segment(),
              toStart * bytes,
              context.pool());
      return;
    }
    if (rowCopy.isPresent()) {
      rowCopy
          .get()
          .run(
              context.copies(),
              from.segment(),
              fromStart * bytes,
              to.segment(),
              toStart * bytes,
              context.pool());
      return;
    }
    run(from.segment(), to.segment(), context.pool());
  }

  /** Copies elements that are not text. */
  void run(MemorySegment from, MemorySegment to, ComputePool pool) {
    long unitBytes = Math.max(1, (long) inner * Math.min(rows, TILE) * dtype.bytes());
    pool.parallelFor(
        units,
        (int) Math.max(1, GRAIN_BYTES / unitBytes),
        (first, end) -> {
          for (int unit = first; unit < end; unit++) {
            unit(from, to, unit);
          }
        });
  }

  private int rowBlocks() {
    return (rows + TILE - 1) / TILE;
  }

  private long start(int unit, long start, long[] strides, long rowStride) {
    int rest = unit / rowBlocks();
    long at = start + (long) (unit % rowBlocks()) * TILE * rowStride;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      at += rest % extents[axis] * strides[axis];
      rest /= extents[axis];
    }
    return at;
  }

  private void unit(MemorySegment from, MemorySegment to, int unit) {
    long fromAt = start(unit, fromStart, fromStrides, fromRow);
    long toAt = start(unit, toStart, toStrides, toRow);
    int bytes = dtype.bytes();
    if (fromInner == 1 && toInner == 1) {
      MemorySegment.copy(from, fromAt * bytes, to, toAt * bytes, (long) inner * bytes);
      return;
    }
    int count = Math.min(TILE, rows - unit % rowBlocks() * TILE);
    if (count == 1 && fromInner == 0 && toInner == 1) {
      repeat(from, fromAt, to, toAt);
      return;
    }
    if (count == 1) {
      elements(from, fromAt, to, toAt, inner);
      return;
    }
    for (int column = 0; column < inner; column += TILE) {
      int columns = Math.min(TILE, inner - column);
      for (int row = 0; row < count; row++) {
        elements(
            from,
            fromAt + row * fromRow + column * fromInner,
            to,
            toAt + row * toRow + column * toInner,
            columns);
      }
    }
  }

  /** Fills the inner axis with one element, by copying what is already filled. */
  private void repeat(MemorySegment from, long fromAt, MemorySegment to, long toAt) {
    int bytes = dtype.bytes();
    elements(from, fromAt, to, toAt, 1);
    for (int done = 1; done < inner; ) {
      int count = Math.min(Math.min(done, MAX_REPEATED), inner - done);
      MemorySegment.copy(to, toAt * bytes, to, (toAt + done) * bytes, (long) count * bytes);
      done += count;
    }
  }

  /** Copies elements along the inner axis one by one. */
  private void elements(MemorySegment from, long fromAt, MemorySegment to, long toAt, int count) {
    switch (dtype.bytes()) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          byte value = from.get(ValueLayout.JAVA_BYTE, fromAt + i * fromInner);
          to.set(ValueLayout.JAVA_BYTE, toAt + i * toInner, value);
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          short value = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, (fromAt + i * fromInner) * 2);
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, (toAt + i * toInner) * 2, value);
        }
      }
      case 4 -> {
        for (int i = 0; i < count; i++) {
          int value = from.get(ValueLayout.JAVA_INT_UNALIGNED, (fromAt + i * fromInner) * 4);
          to.set(ValueLayout.JAVA_INT_UNALIGNED, (toAt + i * toInner) * 4, value);
        }
      }
      case 8 -> {
        for (int i = 0; i < count; i++) {
          long value = from.get(ValueLayout.JAVA_LONG_UNALIGNED, (fromAt + i * fromInner) * 8);
          to.set(ValueLayout.JAVA_LONG_UNALIGNED, (toAt + i * toInner) * 8, value);
        }
      }
      default -> throw new IllegalStateException("elements of " + dtype.bytes() + " bytes");
    }
  }

  private void texts(byte[][] from, byte[][] to, int unit) {
    long fromAt = start(unit, fromStart, fromStrides, fromRow);
    long toAt = start(unit, toStart, toStrides, toRow);
    int count = Math.min(TILE, rows - unit % rowBlocks() * TILE);
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < inner; i++) {
        to[(int) (toAt + row * toRow + i * toInner)] =
            from[(int) (fromAt + row * fromRow + i * fromInner)];
      }
    }
  }
}
