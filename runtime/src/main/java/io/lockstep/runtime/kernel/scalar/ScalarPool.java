package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import java.lang.foreign.MemorySegment;

/** Pooling, one window after the other. */
final class ScalarPool implements Pool {

  @Override
  public void max(
      ConvGeometry g,
      int from,
      int to,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    for (int channel = from; channel < to; channel++) {
      long plane = xOffset + (long) channel * g.inputSize();
      long out = yOffset + (long) channel * g.outputSize();
      for (int oy = 0; oy < g.outputHeight(); oy++) {
        for (int ox = 0; ox < g.outputWidth(); ox++) {
          Floats.set(y, out++, maxOfWindow(g, x, plane, oy, ox));
        }
      }
    }
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
    for (int channel = from; channel < to; channel++) {
      long plane = xOffset + (long) channel * g.inputSize();
      long out = yOffset + (long) channel * g.outputSize();
      for (int oy = 0; oy < g.outputHeight(); oy++) {
        for (int ox = 0; ox < g.outputWidth(); ox++) {
          Floats.set(y, out++, averageOfWindow(g, countPadding, x, plane, oy, ox));
        }
      }
    }
  }

  private static float maxOfWindow(ConvGeometry g, MemorySegment x, long plane, int oy, int ox) {
    float max = Float.NEGATIVE_INFINITY;
    for (int ky = 0; ky < g.kernelHeight(); ky++) {
      int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      for (int kx = 0; kx < g.kernelWidth(); kx++) {
        int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          max = Math.max(max, Floats.get(x, plane + (long) iy * g.width() + ix));
        }
      }
    }
    return max;
  }

  private static float averageOfWindow(
      ConvGeometry g, boolean countPadding, MemorySegment x, long plane, int oy, int ox) {
    float sum = 0;
    int inside = 0;
    int padded = 0;
    for (int ky = 0; ky < g.kernelHeight(); ky++) {
      int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      for (int kx = 0; kx < g.kernelWidth(); kx++) {
        int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          sum += Floats.get(x, plane + (long) iy * g.width() + ix);
          inside++;
        }
        if (iy < g.height() + g.padBottom() && ix < g.width() + g.padRight()) {
          padded++;
        }
      }
    }
    return sum / (countPadding ? padded : inside);
  }
}
