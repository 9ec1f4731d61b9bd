package io.lockstep.runtime.kernel;

import io.lockstep.runtime.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pooling. */
interface PoolConformance extends ConformanceCase {

  int IMAGES = 2;

  /** Maximum, sum, elements inside the image and elements inside its padding, of one window. */
  record Window(double max, double sum, int inside, int padded) {

    static Window of(ConvGeometry g, float[] x, int output) {
      int channel = output % g.channels();
      int pixel = output / g.channels();
      int image = pixel / g.outputSize() * g.inputSize();
      int oy = pixel % g.outputSize() / g.outputWidth();
      int ox = pixel % g.outputWidth();
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      int inside = 0;
      int padded = 0;
      for (int tap = 0; tap < g.kernelHeight() * g.kernelWidth(); tap++) {
        int iy = oy * g.strideHeight() - g.padTop() + tap / g.kernelWidth() * g.dilationHeight();
        int ix = ox * g.strideWidth() - g.padLeft() + tap % g.kernelWidth() * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          float value = x[(image + iy * g.width() + ix) * g.channels() + channel];
          max = Math.max(max, value);
          sum += value;
          inside++;
        }
        if (iy < g.height() + g.padBottom() && ix < g.width() + g.padRight()) {
          padded++;
        }
      }
      return new Window(max, sum, inside, padded);
    }
  }

  private static ConvGeometry random(Random random) {
    if (random.nextInt(4) > 0) {
      return Geometries.randomPool(random);
    }
    int extent = random.nextInt(1, 20);
    return Geometries.square(3, extent, 3, 3, extent, 1, 0);
  }

  /** Runs a pooling of several images in two calls. */
  private static Output pooled(Random random, ConvGeometry g, RowKernel kernel) {
    Output y = Output.ofWords(IMAGES * g.outputSize() * g.channels());
    MemorySegment bare = y.segment().asSlice(y.offset() * Float.BYTES);
    int rows = IMAGES * g.outputHeight();
    int split = random.nextInt(rows + 1);
    kernel.run(0, split, bare);
    kernel.run(split, rows, bare);
    y.assertNothingElseWritten();
    return y;
  }

  /** Pools the output rows [from, to). */
  @FunctionalInterface
  interface RowKernel {
    void run(int from, int to, MemorySegment y);
  }

  @Test
  default void maximaMatchTheirWindows() {
    Seeds.forAll(
        200,
        random -> {
          ConvGeometry g = random(random);
          float[] x = Input.gaussians(random, IMAGES * g.channels() * g.inputSize());
          if (random.nextInt(4) == 0) {
            x[random.nextInt(x.length)] = Float.NaN;
          }
          MemorySegment input = Input.bare(x);
          Pool pool = kernels().pool();
          Output y = pooled(random, g, (from, to, out) -> pool.max(g, from, to, input, out));
          for (int i = 0; i < IMAGES * g.channels() * g.outputSize(); i++) {
            ConformanceCase.assertNear(Window.of(g, x, i).max(), y.getFloat(0, i), 0, g + " " + i);
          }
        });
  }

  @Test
  default void averagesMatchTheirWindows() {
    Seeds.forAll(
        200,
        random -> {
          ConvGeometry g = random(random);
          float[] x = Input.gaussians(random, IMAGES * g.channels() * g.inputSize());
          MemorySegment input = Input.bare(x);
          boolean countPadding = random.nextBoolean();
          Pool pool = kernels().pool();
          Output y =
              pooled(
                  random,
                  g,
                  (from, to, out) -> pool.average(g, countPadding, from, to, input, out));
          for (int i = 0; i < IMAGES * g.channels() * g.outputSize(); i++) {
            Window window = Window.of(g, x, i);
            double expected = window.sum() / (countPadding ? window.padded() : window.inside());
            ConformanceCase.assertNear(expected, y.getFloat(0, i), 3e-6, g + " " + i);
          }
        });
  }
}
