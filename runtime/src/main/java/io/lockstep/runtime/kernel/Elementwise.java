package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Functions of single elements, on floats where nothing else is said. Every element gets the same
 * bits wherever it stands in the array. Outputs may be the very memory of an input with elements of
 * the same size. Offsets count elements. Types are those that {@link ElementChain#has}; a truth
 * value is a byte, stored as 0 or 1, and anything but 0 is true.
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

  /** z = whether a relation holds, x and y: {@code type} [count], z: BOOL [count]. */
  void compare(
      Relation relation,
      DType type,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count);

  /** z = f(x, y), each BOOL [count]. */
  void join(
      Junction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count);

  /**
   * z = condition ? x : y, bit by bit.
   *
   * @param condition BOOL [count] from {@code conditionOffset}
   * @param x {@code type} [count]
   * @param y {@code type} [count]
   * @param z {@code type} [count]
   */
  void select(
      DType type,
      MemorySegment condition,
      long conditionOffset,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count);

  /**
   * y = x as another type: a float is truncated to 64 bits, NaN to 0 and what is too large to the
   * bound, integers keep their low bits, and anything but 0 is true.
   *
   * @param x {@code from} [count]
   * @param y {@code to} [count]
   */
  void convert(
      DType from,
      MemorySegment x,
      long xOffset,
      DType to,
      MemorySegment y,
      long yOffset,
      long count);
}
