package io.lockstep.runtime.kernel;

import io.lockstep.runtime.Seeds;
import org.junit.jupiter.api.Test;

/** Pooling. */
interface PoolConformance extends ConformanceCase {

  /** Maximum, sum, elements inside the image and elements inside its padding, of one window. */
  record Window(double max, double sum, int inside, int padded) {

    static Window of(ConvGeometry g, float[] x, int output) {
      int plane = output / g.outputSize() * g.inputSize();
      int oy = output % g.outputSize() / g.outputWidth();
      int ox = output % g.outputWidth();
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      int inside = 0;
      int padded = 0;
      for (int tap = 0; tap < g.kernelHeight() * g.kernelWidth(); tap++) {
        int iy = oy * g.strideHeight() - g.padTop() + tap / g.kernelWidth() * g.dilationHeight();
        int ix = ox * g.strideWidth() - g.padLeft() + tap % g.kernelWidth() * g.dilationWidth();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          max = Math.max(max, x[plane + iy * g.width() + ix]);
          sum += x[plane + iy * g.width() + ix];
          inside++;
        }
        if (iy < g.height() + g.padBottom() && ix < g.width() + g.padRight()) {
          padded++;
        }
      }
      return new Window(max, sum, inside, padded);
    }
  }

  private static ConvGeometry random(java.util.Random random) {
    if (random.nextInt(4) > 0) {
      return Geometries.randomPool(random);
    }
    int extent = random.nextInt(1, 20);
    return Geometries.square(3, extent, 3, 3, extent, 1, 0);
  }

  @Test
  default void maximaMatchTheirWindows() {
    Seeds.forAll(
        200,
        random -> {
          ConvGeometry g = random(random);
          float[] x = Input.gaussians(random, g.channels() * g.inputSize());
          if (random.nextInt(4) == 0) {
            x[random.nextInt(x.length)] = Float.NaN;
          }
          Input input = Input.of(x);
          Output y = Output.ofWords(g.channels() * g.outputSize());
          int split = random.nextInt(g.channels() + 1);
          Pool pool = kernels().pool();
          pool.max(g, 0, split, input.segment(), input.offset(), y.segment(), y.offset());
          pool.max(
              g, split, g.channels(), input.segment(), input.offset(), y.segment(), y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < g.channels() * g.outputSize(); i++) {
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
          float[] x = Input.gaussians(random, g.channels() * g.inputSize());
          Input input = Input.of(x);
          Output y = Output.ofWords(g.channels() * g.outputSize());
          boolean countPadding = random.nextBoolean();
          kernels()
              .pool()
              .average(
                  g,
                  countPadding,
                  0,
                  g.channels(),
                  input.segment(),
                  input.offset(),
                  y.segment(),
                  y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < g.channels() * g.outputSize(); i++) {
            Window window = Window.of(g, x, i);
            double expected = window.sum() / (countPadding ? window.padded() : window.inside());
            ConformanceCase.assertNear(expected, y.getFloat(0, i), 3e-6, g + " " + i);
          }
        });
  }
}
