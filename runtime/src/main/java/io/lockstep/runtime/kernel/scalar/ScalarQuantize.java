package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.Requantization;
import java.lang.foreign.MemorySegment;

/** Conversion between floats and 8-bit integers, one element after the other. */
final class ScalarQuantize implements Quantize {

  @Override
  public float min(MemorySegment x, long offset, long count) {
    float min = 0;
    for (long i = 0; i < count; i++) {
      float value = Floats.get(x, offset + i);
      min = value < min ? value : min;
    }
    return min;
  }

  @Override
  public float max(MemorySegment x, long offset, long count) {
    float max = 0;
    for (long i = 0; i < count; i++) {
      float value = Floats.get(x, offset + i);
      max = value > max ? value : max;
    }
    return max;
  }

  @Override
  public void quantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      double rounded = Math.rint(Floats.get(x, xOffset + i) / scale);
      Floats.setByte(y, yOffset + i, saturate(rounded + zeroPoint, signed));
    }
  }

  @Override
  public void dequantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      Floats.set(y, yOffset + i, (Floats.getByte(x, xOffset + i, signed) - zeroPoint) * scale);
    }
  }

  @Override
  public void requantize(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      Requantization r,
      MemorySegment y,
      long yOffset) {
    for (long i = 0; i < (long) rows * columns; i++) {
      long column = i % columns;
      int bias = r.bias() == null ? 0 : Floats.getInt(r.bias(), column);
      int sum = Floats.getInt(x, xOffset + i) + bias;
      double rounded = Math.rint(sum * Floats.get(r.multipliers(), column)) + r.zeroPoint();
      Floats.setByte(y, yOffset + i, (int) Math.max(r.lowest(), Math.min(r.highest(), rounded)));
    }
  }

  /** A NaN becomes the zero point's neighbour 0, as a Java cast does. */
  private static int saturate(double value, boolean signed) {
    return (int) Math.max(signed ? -128 : 0, Math.min(signed ? 127 : 255, value));
  }
}
