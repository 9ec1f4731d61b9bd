package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** Conversion between floats and 8-bit integers. Offsets count elements. */
public interface Quantize {

  /** The smallest of 0 and the elements x[offset, offset + count). A NaN is passed over. */
  float min(MemorySegment x, long offset, long count);

  /** The largest of 0 and the elements x[offset, offset + count). A NaN is passed over. */
  float max(MemorySegment x, long offset, long count);

  /**
   * y = saturate(round(x / scale) + zeroPoint), ties to even (ONNX QuantizeLinear).
   *
   * @param x float [count]
   * @param y bytes [count]
   * @param signed whether y saturates to [-128, 127] rather than [0, 255]
   */
  void quantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count);

  /** y = (x - zeroPoint) scale, for bytes x [count] and floats y [count]. */
  void dequantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count);

  /**
   * 32-bit sums as 8-bit integers.
   *
   * @param x int32 [rows, columns]
   * @param y bytes [rows, columns]
   */
  void requantize(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      Requantization requantization,
      MemorySegment y,
      long yOffset);
}
