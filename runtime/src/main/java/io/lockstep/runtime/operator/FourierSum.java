package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Tensor;
import java.util.function.LongToDoubleFunction;

/**
 * The discrete Fourier transform of one lane, from its definition: y[k] = sum x[i] exp(-2 pi j i k
 * / n), in double precision. Quadratic in the length, which speech frames can afford.
 */
final class FourierSum {

  private final int length;
  private final boolean inverse;
  private final double[] cosines; // [length]: cos(2 pi i / length)
  private final double[] sines; // [length]

  FourierSum(int length, boolean inverse) {
    this.length = length;
    this.inverse = inverse;
    this.cosines = new double[length];
    this.sines = new double[length];
    for (int i = 0; i < length; i++) {
      double angle = 2 * Math.PI * i / length;
      cosines[i] = Math.cos(angle);
      sines[i] = Math.sin(angle);
    }
  }

  int length() {
    return length;
  }

  /** Where one result goes. */
  @FunctionalInterface
  interface Result {
    void set(int bin, double real, double imaginary);
  }

  /**
   * The first {@code bins} results.
   *
   * @param real the real part of element i
   * @param imaginary the imaginary part of element i
   */
  void run(LongToDoubleFunction real, LongToDoubleFunction imaginary, int bins, Result result) {
    for (int bin = 0; bin < bins; bin++) {
      double sumReal = 0;
      double sumImaginary = 0;
      for (int i = 0; i < length; i++) {
        int turn = (int) ((long) bin * i % length);
        double cos = cosines[turn];
        double sin = inverse ? sines[turn] : -sines[turn];
        double a = real.applyAsDouble(i);
        double b = imaginary.applyAsDouble(i);
        sumReal += a * cos - b * sin;
        sumImaginary += a * sin + b * cos;
      }
      double factor = inverse ? 1.0 / length : 1;
      result.set(bin, sumReal * factor, sumImaginary * factor);
    }
  }

  /** Stores a complex number as two neighbouring elements. */
  static void store(Tensor y, long at, double real, double imaginary) {
    y.setFromDouble(at, real);
    y.setFromDouble(at + 1, imaginary);
  }
}
