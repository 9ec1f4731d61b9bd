package io.lockstep.training.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Arrays of floats outside the heap, which is where kernels work. Indices count floats. */
public final class Floats {

  private static final long ALIGNMENT = 64;

  private Floats() {}

  /** Zeros, freed when nothing refers to them any more. */
  public static MemorySegment zeros(long count) {
    return Arena.ofAuto().allocate(Math.max(1, count) * Float.BYTES, ALIGNMENT);
  }

  public static float get(MemorySegment array, long index) {
    return array.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  public static void set(MemorySegment array, long index, float value) {
    array.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }

  static void copy(
      MemorySegment source, long sourceIndex, MemorySegment target, long targetIndex, long count) {
    MemorySegment.copy(
        source, sourceIndex * Float.BYTES, target, targetIndex * Float.BYTES, count * Float.BYTES);
  }

  static MemorySegment slice(MemorySegment array, long from, long count) {
    return array.asSlice(from * Float.BYTES, count * Float.BYTES);
  }

  /** sum += x. */
  public static void add(MemorySegment x, MemorySegment sum) {
    long count = sum.byteSize() / Float.BYTES;
    for (long i = 0; i < count; i++) {
      set(sum, i, get(sum, i) + get(x, i));
    }
  }

  /** The root of the sum of squares. */
  public static double norm(MemorySegment x) {
    double squares = 0;
    long count = x.byteSize() / Float.BYTES;
    for (long i = 0; i < count; i++) {
      squares += (double) get(x, i) * get(x, i);
    }
    return Math.sqrt(squares);
  }

  /** target[column, row] = source[row, column] for [rows, columns], in tiles that caches hold. */
  static void transpose(
      int rows,
      int columns,
      MemorySegment source,
      long sourceIndex,
      int sourceStride,
      MemorySegment target,
      long targetIndex,
      int targetStride) {
    int tile = 16;
    for (int firstRow = 0; firstRow < rows; firstRow += tile) {
      int endRow = Math.min(rows, firstRow + tile);
      for (int firstColumn = 0; firstColumn < columns; firstColumn += tile) {
        int endColumn = Math.min(columns, firstColumn + tile);
        for (int column = firstColumn; column < endColumn; column++) {
          long to = targetIndex + (long) column * targetStride;
          for (int row = firstRow; row < endRow; row++) {
            set(target, to + row, get(source, sourceIndex + (long) row * sourceStride + column));
          }
        }
      }
    }
  }
}
