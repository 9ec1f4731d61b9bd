package io.lockstep.runtime.kernel;

/** The error function in double precision. */
public final class Erf {

  private Erf() {}

  /**
   * 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, within 1e-14.
   *
   * <p>Below 3 by its Maclaurin series in the form without alternating signs, above by the
   * continued fraction of the complementary function (Abramowitz and Stegun 7.1.6 and 7.1.14).
   */
  public static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (a > 6) {
      return Math.copySign(1, x);
    }
    return Math.copySign(a < 3 ? series(a) : 1 - complement(a), x);
  }

  private static double series(double a) {
    double term = a;
    double sum = a;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * a * a / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
  }

  private static double complement(double a) {
    double fraction = a;
    for (int n = 60; n >= 1; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
  }
}
