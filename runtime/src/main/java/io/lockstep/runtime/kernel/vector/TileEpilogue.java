package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.Epilogue;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Finishes a tile of a product that has just been stored, while it is in the cache. */
final class TileEpilogue {

  private final Elementwise elementwise;

  TileEpilogue(Elementwise elementwise) {
    this.elementwise = elementwise;
  }

  /**
   * Multiplies by alpha, adds the columns' bias and the residual, applies the activation.
   *
   * @param column the tile's first column, from which the bias counts
   * @param c float [rows, columns] at {@code cByte}, rows {@code cStride} elements apart
   */
  void apply(
      Epilogue epilogue,
      float alpha,
      int rows,
      int column,
      int columns,
      MemorySegment c,
      long cByte,
      int cStride) {
    MemorySegment bias = epilogue.bias();
    Activation activation = epilogue.activation();
    MemorySegment residual = epilogue.residual();
    if (bias == null && residual == null && alpha == 1 && activation.isNone()) {
      return;
    }
    for (int row = 0; row < rows; row++) {
      long start = cByte + (long) row * cStride * Float.BYTES;
      if (alpha != 1) {
        scale(c, start, alpha, columns);
      }
      if (bias != null) {
        add(c, start, bias, (long) column * Float.BYTES, columns);
      }
      if (residual != null) {
        add(c, start, residual, start, columns);
      }
    }
    if (!activation.isNone()) {
      activate(activation, rows, columns, c, cByte / Float.BYTES, cStride);
    }
  }

  /** Rows without gaps between them are one long row. */
  private void activate(
      Activation activation, int rows, int columns, MemorySegment c, long at, int cStride) {
    if (cStride == columns) {
      elementwise.unary(activation, c, at, c, at, (long) rows * columns);
      return;
    }
    for (int row = 0; row < rows; row++) {
      long start = at + (long) row * cStride;
      elementwise.unary(activation, c, start, c, start, columns);
    }
  }

  private static void add(MemorySegment c, long start, MemorySegment b, long from, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = (long) i * Float.BYTES;
      Lanes.store(Lanes.load(c, start + at).add(Lanes.load(b, from + at)), c, start + at);
    }
    if (i < count) {
      long at = (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector sum = Lanes.load(c, start + at, rest).add(Lanes.load(b, from + at, rest));
      Lanes.store(sum, c, start + at, rest);
    }
  }

  private static void scale(MemorySegment c, long start, float alpha, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = start + (long) i * Float.BYTES;
      Lanes.store(Lanes.load(c, at).mul(alpha), c, at);
    }
    if (i < count) {
      long at = start + (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      Lanes.store(Lanes.load(c, at, rest).mul(alpha), c, at, rest);
    }
  }
}
