package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import java.lang.foreign.MemorySegment;

/** Pooling, one window after the other. */
final class ScalarPool implements Pool {

  /** What becomes of the window of one channel at one output. */
  @FunctionalInterface
  private interface Window {
    float of(long image, int oy, int ox, int channel);
  }

  @Override
  public void max(ConvGeometry g, int from, int to, MemorySegment x, MemorySegment y) {
    forEach(g, from, to, y, (image, oy, ox, channel) -> maxOfWindow(g, x, image, oy, ox, channel));
  }

  @Override
  public void average(
      ConvGeometry g, boolean countPadding, int from, int to, MemorySegment x, MemorySegment y) {
    forEach(
        g,
        from,
        to,
        y,
        (image, oy, ox, channel) -> averageOfWindow(g, countPadding, x, image, oy, ox, channel));
  }

  private static void forEach(ConvGeometry g, int from, int to, MemorySegment y, Window window) {
    long out = (long) from * g.outputWidth() * g.channels();
    for (int row = from; row < to; row++) {
      long image = (long) (row / g.outputHeight()) * g.inputSize() * g.channels();
      for (int ox = 0; ox < g.outputWidth(); ox++) {
        for (int channel = 0; channel < g.channels(); channel++) {
          Floats.set(y, out++, window.of(image, row % g.outputHeight(), ox, channel));
        }
      }
    }
  }

  private static float maxOfWindow(
      ConvGeometry g, MemorySegment x, long image, int oy, int ox, int channel) {
    float max = Float.NEGATIVE_INFINITY;
    for (int ky = 0; ky < g.kernelHeight(); ky++) {
      int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      for (int kx = 0; kx < g.kernelWidth(); kx++) {
        int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          long pixel = (long) iy * g.width() + ix;
          max = Math.max(max, Floats.get(x, image + pixel * g.channels() + channel));
        }
      }
    }
    return max;
  }

  private static float averageOfWindow(
      ConvGeometry g,
      boolean countPadding,
      MemorySegment x,
      long image,
      int oy,
      int ox,
      int channel) {
    float sum = 0;
    int inside = 0;
    int padded = 0;
    for (int ky = 0; ky < g.kernelHeight(); ky++) {
      int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      for (int kx = 0; kx < g.kernelWidth(); kx++) {
        int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          long pixel = (long) iy * g.width() + ix;
          sum += Floats.get(x, image + pixel * g.channels() + channel);
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
