package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOAT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Micro-kernels: a tile of c = a b held in registers over the whole reduction, so that an element
 * is one chain of fused multiply-adds in ascending k, whatever tile computed it.
 *
 * <p>a: float [rows, k], rows {@code aRow} bytes apart. b: float [k, {@link #PANEL}], rows {@code
 * bStep} bytes apart, readable to the end of each panel row. c: float [rows, columns], rows {@code
 * cRow} bytes apart; columns beyond {@code columns} are not stored.
 */
final class GemmTiles {

  /*
   * The micro-kernels call the Vector API and nothing else: the compiler inlines its methods
   * whatever the size of the caller, but gives up on ours in methods this large, and then keeps
   * every accumulator in an object. For the same reason they always store whole vectors; a panel
   * that is not full is stored to a scratch tile and copied.
   */

  /**
   * Vectors in a panel: four, for 24 accumulators in 32 registers; two where 256-bit vectors come
   * with 16 registers.
   */
  private static final int VECTORS = Lanes.COUNT == 8 ? 2 : 4;

  /** Columns of a panel. */
  static final int PANEL = VECTORS * Lanes.COUNT;

  /** Rows of the largest tile. */
  static final int ROWS = 6;

  private static final long PANEL_BYTES = (long) PANEL * Float.BYTES;

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
    if (columns < PANEL) {
      partialRows(rows, k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow, columns);
      return;
    }
    int row = 0;
    for (; row <= rows - ROWS; row += ROWS) {
      tile(ROWS, k, a, aByte + row * aRow, aRow, b, bByte, bStep, c, cByte + row * cRow, cRow);
    }
    while (row < rows) {
      int height = height(rows - row);
      tile(height, k, a, aByte + row * aRow, aRow, b, bByte, bStep, c, cByte + row * cRow, cRow);
      row += height;
    }
  }

  private static void partialRows(
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
    MemorySegment scratch = ThreadScratch.get();
    for (int row = 0; row < rows; ) {
      int height = height(rows - row);
      long aAt = aByte + row * aRow;
      if (columns <= 2 * Lanes.COUNT) {
        narrowTile(height, k, a, aAt, aRow, b, bByte, bStep, scratch, 0, PANEL_BYTES);
      } else {
        tile(height, k, a, aAt, aRow, b, bByte, bStep, scratch, 0, PANEL_BYTES);
      }
      copyRows(height, columns, scratch, c, cByte + row * cRow, cRow);
      row += height;
    }
  }

  /** The first columns of a scratch tile. */
  private static void copyRows(
      int rows, int columns, MemorySegment scratch, MemorySegment c, long cByte, long cRow) {
    for (int i = 0; i < columns; i += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(i, columns);
      long at = (long) i * Float.BYTES;
      for (int row = 0; row < rows; row++) {
        FloatVector part = Lanes.load(scratch, row * PANEL_BYTES + at);
        Lanes.store(part, c, cByte + row * cRow + at, lanes);
      }
    }
  }

  /** The rows of the next tile when so many are left. */
  private static int height(int left) {
    if (left >= ROWS) {
      return ROWS;
    }
    if (left >= 4) {
      return 4;
    }
    return Math.min(left, 2);
  }

  private static void tile(
      int height,
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow) {
    if (VECTORS == 4) {
      switch (height) {
        case 6 -> gemmF32_6x4(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
        case 4 -> gemmF32_4x4(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
        case 2 -> gemmF32_2x4(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
        default -> gemmF32_1x4(k, a, aByte, b, bByte, bStep, c, cByte);
      }
    } else {
      narrowTile(height, k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
    }
  }

  /** The first two vectors of columns of a tile. */
  private static void narrowTile(
      int height,
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow) {
    switch (height) {
      case 6 -> gemmF32_6x2(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
      case 4 -> gemmF32_4x2(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
      case 2 -> gemmF32_2x2(k, a, aByte, aRow, b, bByte, bStep, c, cByte, cRow);
      default -> gemmF32_1x2(k, a, aByte, b, bByte, bStep, c, cByte);
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
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c22 = FloatVector.zero(FLOATS);
    FloatVector c23 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c32 = FloatVector.zero(FLOATS);
    FloatVector c33 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c42 = FloatVector.zero(FLOATS);
    FloatVector c43 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c52 = FloatVector.zero(FLOATS);
    FloatVector c53 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 2 * BYTES, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 3 * BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 2 * aRow));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 3 * aRow));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 4 * aRow));
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      c43 = a4.fma(b3, c43);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 5 * aRow));
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      c53 = a5.fma(b3, c53);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c02.intoMemorySegment(c, cByte + 2 * BYTES, ORDER);
    c03.intoMemorySegment(c, cByte + 3 * BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
    c12.intoMemorySegment(c, cByte + cRow + 2 * BYTES, ORDER);
    c13.intoMemorySegment(c, cByte + cRow + 3 * BYTES, ORDER);
    c20.intoMemorySegment(c, cByte + 2 * cRow, ORDER);
    c21.intoMemorySegment(c, cByte + 2 * cRow + BYTES, ORDER);
    c22.intoMemorySegment(c, cByte + 2 * cRow + 2 * BYTES, ORDER);
    c23.intoMemorySegment(c, cByte + 2 * cRow + 3 * BYTES, ORDER);
    c30.intoMemorySegment(c, cByte + 3 * cRow, ORDER);
    c31.intoMemorySegment(c, cByte + 3 * cRow + BYTES, ORDER);
    c32.intoMemorySegment(c, cByte + 3 * cRow + 2 * BYTES, ORDER);
    c33.intoMemorySegment(c, cByte + 3 * cRow + 3 * BYTES, ORDER);
    c40.intoMemorySegment(c, cByte + 4 * cRow, ORDER);
    c41.intoMemorySegment(c, cByte + 4 * cRow + BYTES, ORDER);
    c42.intoMemorySegment(c, cByte + 4 * cRow + 2 * BYTES, ORDER);
    c43.intoMemorySegment(c, cByte + 4 * cRow + 3 * BYTES, ORDER);
    c50.intoMemorySegment(c, cByte + 5 * cRow, ORDER);
    c51.intoMemorySegment(c, cByte + 5 * cRow + BYTES, ORDER);
    c52.intoMemorySegment(c, cByte + 5 * cRow + 2 * BYTES, ORDER);
    c53.intoMemorySegment(c, cByte + 5 * cRow + 3 * BYTES, ORDER);
  }

  /** A tile of 4 rows and 4 vectors of columns. */
  private static void gemmF32_4x4(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c22 = FloatVector.zero(FLOATS);
    FloatVector c23 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c32 = FloatVector.zero(FLOATS);
    FloatVector c33 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 2 * BYTES, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 3 * BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 2 * aRow));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 3 * aRow));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c02.intoMemorySegment(c, cByte + 2 * BYTES, ORDER);
    c03.intoMemorySegment(c, cByte + 3 * BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
    c12.intoMemorySegment(c, cByte + cRow + 2 * BYTES, ORDER);
    c13.intoMemorySegment(c, cByte + cRow + 3 * BYTES, ORDER);
    c20.intoMemorySegment(c, cByte + 2 * cRow, ORDER);
    c21.intoMemorySegment(c, cByte + 2 * cRow + BYTES, ORDER);
    c22.intoMemorySegment(c, cByte + 2 * cRow + 2 * BYTES, ORDER);
    c23.intoMemorySegment(c, cByte + 2 * cRow + 3 * BYTES, ORDER);
    c30.intoMemorySegment(c, cByte + 3 * cRow, ORDER);
    c31.intoMemorySegment(c, cByte + 3 * cRow + BYTES, ORDER);
    c32.intoMemorySegment(c, cByte + 3 * cRow + 2 * BYTES, ORDER);
    c33.intoMemorySegment(c, cByte + 3 * cRow + 3 * BYTES, ORDER);
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
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 2 * BYTES, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 3 * BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c02.intoMemorySegment(c, cByte + 2 * BYTES, ORDER);
    c03.intoMemorySegment(c, cByte + 3 * BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
    c12.intoMemorySegment(c, cByte + cRow + 2 * BYTES, ORDER);
    c13.intoMemorySegment(c, cByte + cRow + 3 * BYTES, ORDER);
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
      long cByte) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 2 * BYTES, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, bAt + 3 * BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c02.intoMemorySegment(c, cByte + 2 * BYTES, ORDER);
    c03.intoMemorySegment(c, cByte + 3 * BYTES, ORDER);
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
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 2 * aRow));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 3 * aRow));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 4 * aRow));
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 5 * aRow));
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
    c20.intoMemorySegment(c, cByte + 2 * cRow, ORDER);
    c21.intoMemorySegment(c, cByte + 2 * cRow + BYTES, ORDER);
    c30.intoMemorySegment(c, cByte + 3 * cRow, ORDER);
    c31.intoMemorySegment(c, cByte + 3 * cRow + BYTES, ORDER);
    c40.intoMemorySegment(c, cByte + 4 * cRow, ORDER);
    c41.intoMemorySegment(c, cByte + 4 * cRow + BYTES, ORDER);
    c50.intoMemorySegment(c, cByte + 5 * cRow, ORDER);
    c51.intoMemorySegment(c, cByte + 5 * cRow + BYTES, ORDER);
  }

  /** A tile of 4 rows and 2 vectors of columns. */
  private static void gemmF32_4x2(
      int k,
      MemorySegment a,
      long aByte,
      long aRow,
      MemorySegment b,
      long bByte,
      long bStep,
      MemorySegment c,
      long cByte,
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 2 * aRow));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + 3 * aRow));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
    c20.intoMemorySegment(c, cByte + 2 * cRow, ORDER);
    c21.intoMemorySegment(c, cByte + 2 * cRow + BYTES, ORDER);
    c30.intoMemorySegment(c, cByte + 3 * cRow, ORDER);
    c31.intoMemorySegment(c, cByte + 3 * cRow + BYTES, ORDER);
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
      long cRow) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt + aRow));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
    c10.intoMemorySegment(c, cByte + cRow, ORDER);
    c11.intoMemorySegment(c, cByte + cRow + BYTES, ORDER);
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
      long cByte) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p++) {
      long bAt = bByte + p * bStep;
      long aAt = aByte + (long) p * Float.BYTES;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, bAt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, bAt + BYTES, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a.get(FLOAT, aAt));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
    }
    c00.intoMemorySegment(c, cByte, ORDER);
    c01.intoMemorySegment(c, cByte + BYTES, ORDER);
  }
}
