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
   * y = saturate(round(x multiplier) + zeroPoint), ties to even: an accumulator brought to the
   * scale of an output.
   *
   * @param x int32 [count]
   */
  void requantize(
      MemorySegment x,
      long xOffset,
      float multiplier,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count);
}
