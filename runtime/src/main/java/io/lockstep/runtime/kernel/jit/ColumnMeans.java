package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Sums of columns, divided by a number. */
final class ColumnMeans {

  /**
   * Rows that are summed one after the other; such sums are added in their order. This bounds the
   * error of long columns, and the time of a call.
   */
  private static final int ROWS = 1024;

  private static final int MOST_ROWS = 1 << 20;

  private final Isa isa;

  /** By vectors. */
  private final Map<Isa, Map<Integer, NativeKernel>> kernels = new EnumMap<>(Isa.class);

  ColumnMeans(Isa isa) {
    this.isa = isa;
    for (Isa used : Isa.values()) {
      kernels.put(used, new ConcurrentHashMap<>());
    }
  }

  static boolean takes(Reduce.Extent extent) {
    return extent.length() > 0
        && extent.length() <= MOST_ROWS
        && extent.inner() >= Isa.AVX2.lanes();
  }

  /**
   * y = sums of x over length / divisor.
   *
   * @param x float [outer, length, inner] from element {@code xOffset} on
   * @param y float [outer, inner] from element {@code yOffset} on
   */
  void run(
      Reduce.Extent extent,
      float divisor,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    long rowBytes = (long) extent.inner() * Float.BYTES;
    long blockBytes = extent.length() * rowBytes;
    long from = Addresses.of(x, xOffset * Float.BYTES, extent.outer() * blockBytes);
    long to = Addresses.of(y, yOffset * Float.BYTES, extent.outer() * rowBytes);
    for (int i = 0; i < extent.outer(); i++) {
      columns(extent, divisor, from + i * blockBytes, to + i * rowBytes);
    }
  }

  private void columns(Reduce.Extent extent, float divisor, long x, long y) {
    Isa used = extent.inner() >= isa.lanes() ? isa : Isa.AVX2;
    int vectors = Math.ceilDiv(extent.inner(), used.lanes());
    int together = Math.ceilDiv(vectors, Math.ceilDiv(vectors, ColumnSumGenerator.most(used)));
    long last = (long) extent.inner() * Float.BYTES - used.vectorBytes();
    for (int first = 0; first < vectors; first += together) {
      int count = Math.min(together, vectors - first);
      long firstByte = (long) first * used.vectorBytes();
      long lastByte = Math.min(last, firstByte + (count - 1L) * used.vectorBytes());
      rows(extent, divisor, kernel(used, count), x, y, firstByte, lastByte);
    }
  }

  private static void rows(
      Reduce.Extent extent,
      float divisor,
      NativeKernel kernel,
      long x,
      long y,
      long firstByte,
      long lastByte) {
    Parameters parameters = Parameters.ofThread();
    long stride = (long) extent.inner() * Float.BYTES;
    parameters.set(ColumnSumGenerator.STRIDE, stride);
    parameters.set(ColumnSumGenerator.Y, y + firstByte);
    parameters.set(ColumnSumGenerator.Y_LAST, y + lastByte);
    for (int row = 0; row < extent.length(); row += ROWS) {
      int rows = Math.min(ROWS, extent.length() - row);
      parameters.set(ColumnSumGenerator.X, x + row * stride + firstByte);
      parameters.set(ColumnSumGenerator.X_LAST, x + row * stride + lastByte);
      parameters.set(ColumnSumGenerator.ROWS, rows);
      parameters.set(ColumnSumGenerator.CONTINUES, row == 0 ? 0 : 1);
      parameters.set(ColumnSumGenerator.DIVISOR, row + rows == extent.length() ? divisor : 1, 0);
      kernel.call(parameters);
    }
  }

  private NativeKernel kernel(Isa used, int vectors) {
    return Objects.requireNonNull(kernels.get(used))
        .computeIfAbsent(vectors, count -> ColumnSumGenerator.generate(used, count));
  }
}
