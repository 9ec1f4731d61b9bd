package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Functions of single elements, on floats. Every element gets the same bits wherever it stands in
 * the array. Outputs may be the very memory of an input. Offsets count elements.
 */
public interface Elementwise {

  /** y = f(x), x and y: float [count]. */
  void unary(
      Activation function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      long count);

  /** z = f(x, y), each float [count]. */
  void binary(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count);

  /** z = f(x, y) for float x [count] and one y. */
  void binaryScalarRight(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      float y,
      MemorySegment z,
      long zOffset,
      long count);

  /** z = f(x, y) for one x and float y [count]. */
  void binaryScalarLeft(
      BinaryFunction function,
      float x,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count);

  /**
   * y = x factor[column] + offset[column], one fused step.
   *
   * @param x float [rows, columns]
   * @param factors float [columns]
   * @param offsets float [columns]
   * @param y float [rows, columns]; may be the very memory of x
   */
  void affine(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      MemorySegment factors,
      MemorySegment offsets,
      MemorySegment y,
      long yOffset);
}
