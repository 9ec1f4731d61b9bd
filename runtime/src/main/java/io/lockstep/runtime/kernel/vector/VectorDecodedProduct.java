package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.kernel.WeightRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Decodes four rows of weights at a time to floats in the cache, and multiplies them with all rows
 * of a before the next four, so that weights are read once for the whole batch.
 */
final class VectorDecodedProduct {

  /** Multiply-adds below which handing work to another thread costs more than it saves. */
  private static final long SPLIT_WORK = 1 << 16;

  /** Arrays of a thread, which only grow; nothing is kept in them from one call to the next. */
  private static final class Scratch {
    private float[] rows = new float[0]; // [rows of a, stride]
    private float[] weights = new float[0]; // [COLUMNS, stride]
    private final float[] sums = new float[BlockDots.ROWS * BlockDots.COLUMNS * Lanes.COUNT];

    float[] rows(int size) {
      if (rows.length < size) {
        rows = new float[size];
      }
      return rows;
    }

    float[] weights(int size) {
      if (weights.length < size) {
        weights = new float[size];
      }
      return weights;
    }
  }

  private static final PerThread<Scratch> SCRATCH = PerThread.withInitial(Scratch::new);

  private VectorDecodedProduct() {}

  /** c[rows, n] = a[rows, k] x w[n, k] transposed; offsets and strides count elements. */
  static void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      WeightRows w,
      int n,
      int k,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    int stride = (k + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    float[] x = SCRATCH.get().rows(Math.multiplyExact(rows, stride));
    for (int row = 0; row < rows; row++) {
      long from = (aOffset + (long) row * aStride) * Float.BYTES;
      MemorySegment.copy(a, ValueLayout.JAVA_FLOAT_UNALIGNED, from, x, row * stride, k);
      clear(x, row * stride + k, (row + 1) * stride);
    }
    int tiles = (n + BlockDots.COLUMNS - 1) / BlockDots.COLUMNS;
    long tileWork = Math.max(1, (long) rows * k * BlockDots.COLUMNS);
    pool.parallelFor(
        tiles,
        Math.clamp(SPLIT_WORK / tileWork, 1, tiles),
        (from, to) -> {
          Scratch scratch = SCRATCH.get();
          for (int tile = from; tile < to; tile++) {
            tile(scratch, rows, x, stride, w, n, k, tile * BlockDots.COLUMNS, c, cOffset, cStride);
          }
        });
  }

  private static void tile(
      Scratch scratch,
      int rows,
      float[] x,
      int stride,
      WeightRows w,
      int n,
      int k,
      int first,
      MemorySegment c,
      long cOffset,
      int cStride) {
    float[] weights = scratch.weights(BlockDots.COLUMNS * stride);
    int columns = Math.min(BlockDots.COLUMNS, n - first);
    for (int column = 0; column < columns; column++) {
      w.decode(first + column, weights, column * stride);
      clear(weights, column * stride + k, (column + 1) * stride);
    }
    clear(weights, columns * stride, BlockDots.COLUMNS * stride);
    int row = 0;
    while (row < rows) {
      boolean isWide = rows - row >= BlockDots.ROWS;
      if (isWide) {
        BlockDots.dotF32_4x4(x, row * stride, weights, stride, scratch.sums);
      } else {
        BlockDots.dotF32_1x4(x, row * stride, weights, stride, scratch.sums);
      }
      int height = isWide ? BlockDots.ROWS : 1;
      for (int i = 0; i < height; i++) {
        long at = cOffset + (long) (row + i) * cStride + first;
        store(scratch.sums, i * BlockDots.COLUMNS * Lanes.COUNT, columns, c, at);
      }
      row += height;
    }
  }

  private static void store(float[] sums, int from, int columns, MemorySegment c, long at) {
    for (int column = 0; column < columns; column++) {
      float sum = BlockDots.combine(sums, from + column * Lanes.COUNT);
      c.set(Lanes.FLOAT, (at + column) * Float.BYTES, sum);
    }
  }

  private static void clear(float[] array, int from, int to) {
    for (int i = from; i < to; i++) {
      array[i] = 0;
    }
  }
}
