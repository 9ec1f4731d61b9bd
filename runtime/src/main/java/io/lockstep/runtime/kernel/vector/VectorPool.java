package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import java.lang.foreign.MemorySegment;

/** Pooling, vectorised along the width where windows neither stride nor leave the image. */
final class VectorPool implements Pool {

  private final Pool scalar;

  VectorPool(Pool scalar) {
    this.scalar = scalar;
  }

  @Override
  public void max(
      ConvGeometry g,
      int from,
      int to,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    scalar.max(g, from, to, x, xOffset, y, yOffset);
  }

  @Override
  public void average(
      ConvGeometry g,
      boolean countPadding,
      int from,
      int to,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    if (!coversPlane(g)) {
      scalar.average(g, countPadding, from, to, x, xOffset, y, yOffset);
      return;
    }
    for (int channel = from; channel < to; channel++) {
      long plane = (xOffset + (long) channel * g.inputSize()) * Float.BYTES;
      float sum = RowSums.sum(x, plane, g.inputSize());
      y.set(Lanes.FLOAT, (yOffset + channel) * Float.BYTES, sum / g.inputSize());
    }
  }

  /** Whether one window is the whole image, as in global pooling. */
  private static boolean coversPlane(ConvGeometry g) {
    return g.kernelHeight() == g.height()
        && g.kernelWidth() == g.width()
        && g.outputSize() == 1
        && g.padTop() + g.padBottom() + g.padLeft() + g.padRight() == 0;
  }
}
