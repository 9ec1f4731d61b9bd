package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.Requantization;
import java.lang.foreign.MemorySegment;

/** Conversions to and from 8-bit integers that are not emitted. */
final class OtherQuantize implements Quantize {

  private final Others others;

  OtherQuantize(Others others) {
    this.others = others;
  }

  private Quantize kernels() {
    return others.kernels().quantize();
  }

  @Override
  public float min(MemorySegment x, long offset, long count) {
    return kernels().min(x, offset, count);
  }

  @Override
  public float max(MemorySegment x, long offset, long count) {
    return kernels().max(x, offset, count);
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
    kernels().quantize(x, xOffset, scale, zeroPoint, signed, y, yOffset, count);
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
    kernels().dequantize(x, xOffset, scale, zeroPoint, signed, y, yOffset, count);
  }

  @Override
  public void requantize(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      Requantization requantization,
      MemorySegment y,
      long yOffset) {
    kernels().requantize(rows, columns, x, xOffset, requantization, y, yOffset);
  }
}
