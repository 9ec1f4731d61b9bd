package io.lockstep.training.network;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;

/**
 * y = gamma x / sqrt(mean(x^2) + epsilon) over rows (Zhang and Sennrich, 2019), and its gradient.
 */
final class RootMeanSquareNorm {

  private final Reduce reduce;
  private final int width;

  RootMeanSquareNorm(Reduce reduce, int width) {
    this.reduce = reduce;
    this.width = width;
  }

  void forward(int rows, MemorySegment gamma, MemorySegment x, MemorySegment y) {
    reduce.rmsNorm(rows, width, DecoderShape.NORM_EPSILON, gamma, x, 0, y, 0);
  }

  /*
   * With r = 1 / sqrt(mean(x^2) + epsilon): dx_i = r gamma_i dy_i - r^3 x_i / width * s, where s is
   * the sum of gamma_j dy_j x_j, and dgamma_i is the sum of dy_i x_i r over rows.
   */

  /**
   * Adds to dx [rows, width] what comes back through the norm.
   *
   * @param gradient takes dgamma [width] from {@code gammaIndex} on
   */
  void backward(
      int rows,
      MemorySegment gamma,
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      MemorySegment gradient,
      long gammaIndex) {
    float[] dgamma = new float[width];
    for (int row = 0; row < rows; row++) {
      long at = (long) row * width;
      float squares = 0;
      float products = 0;
      for (int i = 0; i < width; i++) {
        float value = Floats.get(x, at + i);
        squares += value * value;
        products += Floats.get(gamma, i) * Floats.get(dy, at + i) * value;
      }
      float r = (float) (1 / Math.sqrt(squares / width + DecoderShape.NORM_EPSILON));
      float back = r * r * r / width * products;
      for (int i = 0; i < width; i++) {
        float value = Floats.get(x, at + i);
        float slope = Floats.get(dy, at + i);
        float through = r * Floats.get(gamma, i) * slope - back * value;
        Floats.set(dx, at + i, Floats.get(dx, at + i) + through);
        dgamma[i] += slope * value * r;
      }
    }
    for (int i = 0; i < width; i++) {
      Floats.set(gradient, gammaIndex + i, dgamma[i]);
    }
  }
}
