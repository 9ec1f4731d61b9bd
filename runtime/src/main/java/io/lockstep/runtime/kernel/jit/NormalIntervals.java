package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Erf;
import java.util.ArrayList;
import java.util.List;

/**
 * The standard normal distribution, Phi(x) - 1/2 for x from 0 on, as polynomials: one for each
 * interval of 3/8 around a multiple of it, in r = x 8/3 - n between -1/2 and 1/2. Each goes through
 * the distribution at the nodes of Chebyshev, which leaves 5e-9. From the last interval on it is
 * 1/2, by which it is 3e-8 too large at most.
 */
final class NormalIntervals {

  /** As many as a vector of AVX-512 holds. */
  static final int COUNT = 16;

  /** The intervals in a unit, as an instruction takes it. */
  static final float PER_UNIT = 8f / 3;

  static final int DEGREE = 5;

  private static final double SQRT_HALF = Math.sqrt(0.5);

  private NormalIntervals() {}

  /** The coefficients of r^power, bits of float [intervals]. */
  static List<Integer> coefficients(int power) {
    List<Integer> bits = new ArrayList<>();
    for (int interval = 0; interval < COUNT - 1; interval++) {
      bits.add(Float.floatToRawIntBits((float) polynomial(interval)[power]));
    }
    bits.add(Float.floatToRawIntBits(power == 0 ? 0.5f : 0));
    return List.copyOf(bits);
  }

  /** Newton's divided differences, multiplied out; [power]. */
  private static double[] polynomial(int interval) {
    int nodes = DEGREE + 1;
    double[] at = new double[nodes];
    double[] differences = new double[nodes];
    for (int i = 0; i < nodes; i++) {
      at[i] = 0.5 * Math.cos(Math.PI * (2 * i + 1) / (2.0 * nodes));
      differences[i] = 0.5 * Erf.erf((interval + at[i]) / PER_UNIT * SQRT_HALF);
    }
    for (int order = 1; order < nodes; order++) {
      for (int i = nodes - 1; i >= order; i--) {
        differences[i] = (differences[i] - differences[i - 1]) / (at[i] - at[i - order]);
      }
    }
    double[] powers = new double[nodes];
    for (int i = nodes - 1; i >= 0; i--) {
      for (int power = nodes - 1; power > 0; power--) {
        powers[power] = powers[power - 1] - at[i] * powers[power];
      }
      powers[0] = differences[i] - at[i] * powers[0];
    }
    return powers;
  }
}
