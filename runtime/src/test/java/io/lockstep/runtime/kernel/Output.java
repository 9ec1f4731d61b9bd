package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Memory for rows of 4-byte elements, or of bytes, between poisoned guard bytes; what lies between
 * the rows is poisoned too.
 */
final class Output {

  private static final byte POISON = (byte) 0xa5;

  /** Elements on both sides; odd, so that rows start at no multiple of a vector. */
  private static final int GUARD = 67;

  private final int rows;
  private final int columns;
  private final int stride;
  private final int elementBytes;
  private final MemorySegment segment;

  private Output(int rows, int columns, int stride, int elementBytes) {
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
    this.elementBytes = elementBytes;
    long elements = 2L * GUARD + (long) rows * stride;
    segment = TestMemory.allocate(elements * elementBytes, 64);
    segment.fill(POISON);
  }

  /** Rows of floats or int32, {@code stride} elements apart. */
  static Output ofWords(int rows, int columns, int stride) {
    return new Output(rows, columns, stride, Integer.BYTES);
  }

  static Output ofWords(int count) {
    return ofWords(1, count, count);
  }

  static Output ofBytes(int count) {
    return new Output(1, count, count, 1);
  }

  /** Floats where rows of such a stride have theirs, as a residual wants them. */
  static MemorySegment residual(Random random, int rows, int stride) {
    return Input.bare(Input.gaussians(random, GUARD + rows * stride));
  }

  MemorySegment segment() {
    return segment;
  }

  /** The first element's index. */
  long offset() {
    return GUARD;
  }

  int stride() {
    return stride;
  }

  private long index(int row, int column) {
    return GUARD + (long) row * stride + column;
  }

  float getFloat(int row, int column) {
    return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index(row, column) * Float.BYTES);
  }

  int getInt(int row, int column) {
    return segment.get(ValueLayout.JAVA_INT_UNALIGNED, index(row, column) * Integer.BYTES);
  }

  byte getByte(int column) {
    return segment.get(ValueLayout.JAVA_BYTE, index(0, column));
  }

  /** The floats of one row. */
  float[] floats(int row) {
    float[] values = new float[columns];
    for (int column = 0; column < columns; column++) {
      values[column] = getFloat(row, column);
    }
    return values;
  }

  /** The elements of all rows, as the bits that they are. */
  int[] bits() {
    int[] bits = new int[rows * columns];
    for (int i = 0; i < bits.length; i++) {
      int row = i / columns;
      bits[i] = elementBytes == 1 ? getByte(i % columns) : getInt(row, i % columns);
    }
    return bits;
  }

  /** The elements of one row, as the bits that they are. */
  int[] bits(int row) {
    int[] bits = new int[columns];
    for (int column = 0; column < columns; column++) {
      bits[column] = getInt(row, column);
    }
    return bits;
  }

  void assertNothingElseWritten() {
    for (long at = 0; at < segment.byteSize(); at++) {
      long element = at / elementBytes - GUARD;
      boolean isInside =
          element >= 0 && stride > 0 && element / stride < rows && element % stride < columns;
      if (!isInside) {
        assertEquals(POISON, segment.get(ValueLayout.JAVA_BYTE, at), "guard byte " + at);
      }
    }
  }
}
