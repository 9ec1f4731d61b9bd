package io.lockstep.runtime.kernel.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Micro-kernels: a tile of c = a b held in registers over the whole reduction, so that an element
 * is one chain of fused multiply-adds in ascending k, whatever tile computed it.
 *
 * <p>a: float [rows, k], rows {@code aRow} bytes apart. b: float [k, {@link #PANEL}], rows {@code
 * bStep} bytes apart, readable to the end of each panel row. c: float [rows, columns], rows {@code
 * cRow} bytes apart; columns beyond {@code columns} are not stored.
 */
final class GemmTiles {

  /**
   * Vectors in a panel: four, for 24 accumulators in 32 registers; two where 256-bit vectors come
   * with 16 registers.
   */
  private static final int VECTORS = Lanes.COUNT == 8 ? 2 : 4;

  /** Columns of a panel. */
  static final int PANEL = VECTORS * Lanes.COUNT;

  /** Rows of the largest tile. */
  static final int ROWS = 6;

  private GemmTiles() {}

  /** Any number of rows times one panel. */
  static void rows(
      int rows,
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow,
      int columns) {
    int row = 0;
    for (; row <= rows - ROWS; row += ROWS) {
      long from = aByte + row * aRow;
      long to = cByte + row * cRow;
      if (VECTORS == 4) {
        gemmF32_6x4(k, a, from, aRow, b, bByte, bStep, c, to, cRow, columns);
      } else {
        gemmF32_6x2(k, a, from, aRow, b, bByte, bStep, c, to, cRow, columns);
      }
    }
    for (; row <= rows - 2; row += 2) {
      long from = aByte + row * aRow;
      long to = cByte + row * cRow;
      if (VECTORS == 4) {
        gemmF32_2x4(k, a, from, aRow, b, bByte, bStep, c, to, cRow, columns);
      } else {
        gemmF32_2x2(k, a, from, aRow, b, bByte, bStep, c, to, cRow, columns);
      }
    }
    if (row < rows) {
      long from = aByte + row * aRow;
      long to = cByte + row * cRow;
      if (VECTORS == 4) {
        gemmF32_1x4(k, a, from, b, bByte, bStep, c, to, columns);
      } else {
        gemmF32_1x2(k, a, from, b, bByte, bStep, c, to, columns);
      }
    }
  }

  private static void store(
      MemorySegment c,
      long cByte,
      int columns,
      FloatVector c0,
      FloatVector c1,
      FloatVector c2,
      FloatVector c3) {
    if (columns == PANEL) {
      Lanes.store(c0, c, cByte);
      Lanes.store(c1, c, cByte + Lanes.BYTES);
      Lanes.store(c2, c, cByte + 2 * Lanes.BYTES);
      Lanes.store(c3, c, cByte + 3 * Lanes.BYTES);
    } else {
      storePart(c0, c, cByte, columns);
      storePart(c1, c, cByte + Lanes.BYTES, columns - Lanes.COUNT);
      storePart(c2, c, cByte + 2 * Lanes.BYTES, columns - 2 * Lanes.COUNT);
      storePart(c3, c, cByte + 3 * Lanes.BYTES, columns - 3 * Lanes.COUNT);
    }
  }

  private static void store(
      MemorySegment c, long cByte, int columns, FloatVector c0, FloatVector c1) {
    if (columns == PANEL) {
      Lanes.store(c0, c, cByte);
      Lanes.store(c1, c, cByte + Lanes.BYTES);
    } else {
      storePart(c0, c, cByte, columns);
      storePart(c1, c, cByte + Lanes.BYTES, columns - Lanes.COUNT);
    }
  }

  private static void storePart(FloatVector v, MemorySegment c, long cByte, int columns) {
    if (columns >= Lanes.COUNT) {
      Lanes.store(v, c, cByte);
    } else if (columns > 0) {
      Lanes.store(v, c, cByte, Lanes.tail(0, columns));
    }
  }

  /** A tile of 6 rows and 4 vectors of columns. */
  private static void gemmF32_6x4(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    FloatVector c02 = Lanes.all(0);
    FloatVector c03 = Lanes.all(0);
    FloatVector c10 = Lanes.all(0);
    FloatVector c11 = Lanes.all(0);
    FloatVector c12 = Lanes.all(0);
    FloatVector c13 = Lanes.all(0);
    FloatVector c20 = Lanes.all(0);
    FloatVector c21 = Lanes.all(0);
    FloatVector c22 = Lanes.all(0);
    FloatVector c23 = Lanes.all(0);
    FloatVector c30 = Lanes.all(0);
    FloatVector c31 = Lanes.all(0);
    FloatVector c32 = Lanes.all(0);
    FloatVector c33 = Lanes.all(0);
    FloatVector c40 = Lanes.all(0);
    FloatVector c41 = Lanes.all(0);
    FloatVector c42 = Lanes.all(0);
    FloatVector c43 = Lanes.all(0);
    FloatVector c50 = Lanes.all(0);
    FloatVector c51 = Lanes.all(0);
    FloatVector c52 = Lanes.all(0);
    FloatVector c53 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector b2 = Lanes.load(b, bAt + 2 * Lanes.BYTES);
      FloatVector b3 = Lanes.load(b, bAt + 3 * Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = Lanes.spread(a, aAt + aRow);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = Lanes.spread(a, aAt + 2 * aRow);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = Lanes.spread(a, aAt + 3 * aRow);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      FloatVector a4 = Lanes.spread(a, aAt + 4 * aRow);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      c43 = a4.fma(b3, c43);
      FloatVector a5 = Lanes.spread(a, aAt + 5 * aRow);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      c53 = a5.fma(b3, c53);
    }
    store(c, cByte, columns, c00, c01, c02, c03);
    store(c, cByte + cRow, columns, c10, c11, c12, c13);
    store(c, cByte + 2 * cRow, columns, c20, c21, c22, c23);
    store(c, cByte + 3 * cRow, columns, c30, c31, c32, c33);
    store(c, cByte + 4 * cRow, columns, c40, c41, c42, c43);
    store(c, cByte + 5 * cRow, columns, c50, c51, c52, c53);
  }

  /** A tile of 6 rows and 2 vectors of columns. */
  private static void gemmF32_6x2(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    FloatVector c10 = Lanes.all(0);
    FloatVector c11 = Lanes.all(0);
    FloatVector c20 = Lanes.all(0);
    FloatVector c21 = Lanes.all(0);
    FloatVector c30 = Lanes.all(0);
    FloatVector c31 = Lanes.all(0);
    FloatVector c40 = Lanes.all(0);
    FloatVector c41 = Lanes.all(0);
    FloatVector c50 = Lanes.all(0);
    FloatVector c51 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = Lanes.spread(a, aAt + aRow);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = Lanes.spread(a, aAt + 2 * aRow);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = Lanes.spread(a, aAt + 3 * aRow);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = Lanes.spread(a, aAt + 4 * aRow);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = Lanes.spread(a, aAt + 5 * aRow);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    store(c, cByte, columns, c00, c01);
    store(c, cByte + cRow, columns, c10, c11);
    store(c, cByte + 2 * cRow, columns, c20, c21);
    store(c, cByte + 3 * cRow, columns, c30, c31);
    store(c, cByte + 4 * cRow, columns, c40, c41);
    store(c, cByte + 5 * cRow, columns, c50, c51);
  }

  /** A tile of 2 rows and 4 vectors of columns. */
  private static void gemmF32_2x4(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    FloatVector c02 = Lanes.all(0);
    FloatVector c03 = Lanes.all(0);
    FloatVector c10 = Lanes.all(0);
    FloatVector c11 = Lanes.all(0);
    FloatVector c12 = Lanes.all(0);
    FloatVector c13 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector b2 = Lanes.load(b, bAt + 2 * Lanes.BYTES);
      FloatVector b3 = Lanes.load(b, bAt + 3 * Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = Lanes.spread(a, aAt + aRow);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
    }
    store(c, cByte, columns, c00, c01, c02, c03);
    store(c, cByte + cRow, columns, c10, c11, c12, c13);
  }

  /** A tile of 2 rows and 2 vectors of columns. */
  private static void gemmF32_2x2(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    FloatVector c10 = Lanes.all(0);
    FloatVector c11 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = Lanes.spread(a, aAt + aRow);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
    }
    store(c, cByte, columns, c00, c01);
    store(c, cByte + cRow, columns, c10, c11);
  }

  /** A tile of 1 row and 4 vectors of columns. */
  private static void gemmF32_1x4(
      int k,
      MemorySegment a,
      long aByte,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    FloatVector c02 = Lanes.all(0);
    FloatVector c03 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector b2 = Lanes.load(b, bAt + 2 * Lanes.BYTES);
      FloatVector b3 = Lanes.load(b, bAt + 3 * Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
    }
    store(c, cByte, columns, c00, c01, c02, c03);
  }

  /** A tile of 1 row and 2 vectors of columns. */
  private static void gemmF32_1x2(
      int k,
      MemorySegment a,
      long aByte,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      int columns) {
    FloatVector c00 = Lanes.all(0);
    FloatVector c01 = Lanes.all(0);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = Lanes.load(b, bAt);
      FloatVector b1 = Lanes.load(b, bAt + Lanes.BYTES);
      FloatVector a0 = Lanes.spread(a, aAt);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
    }
    store(c, cByte, columns, c00, c01);
  }
}
