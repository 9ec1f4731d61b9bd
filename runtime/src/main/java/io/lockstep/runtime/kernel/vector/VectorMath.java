package io.lockstep.runtime.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Transcendental functions of whole vectors. */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants stand as their sources print them
final class VectorMath {

  /*
   * exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, r computed with ln 2 split in
   * two parts (Cody and Waite). exp(r) is its Taylor polynomial of degree 7, whose remainder on that
   * interval is below 6e-9, a tenth of a unit in the last place. 2^n is applied in two factors, so
   * that results may be denormal.
   */
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float EXP_MAX = 88.72284f;
  private static final float EXP_MIN = -104f;

  /** Adding and subtracting it rounds to the nearest integer, ties to even: 1.5 * 2^23. */
  private static final float ROUNDER = 12582912f;

  private VectorMath() {}

  /** e^x within 2 units in the last place; overflows to infinity, underflows to 0. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(EXP_MIN).min(89f);
    FloatVector n = clamped.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
    FloatVector r = n.fma(Lanes.all(-LN2_HIGH), clamped);
    r = n.fma(Lanes.all(-LN2_LOW), r);
    FloatVector p = Lanes.all(1f / 5040).fma(r, Lanes.all(1f / 720));
    p = p.fma(r, Lanes.all(1f / 120));
    p = p.fma(r, Lanes.all(1f / 24));
    p = p.fma(r, Lanes.all(1f / 6));
    p = p.fma(r, Lanes.all(0.5f));
    p = p.fma(r, Lanes.all(1f));
    p = p.fma(r, Lanes.all(1f));
    IntVector exponent = (IntVector) n.convert(VectorOperators.F2I, 0);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    FloatVector result = p.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
    return result.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
  }

  /** 2^n for n in the range of normal floats. */
  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** 1 / (1 + e^-x), from e^-|x| so that nothing overflows. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    FloatVector denominator = e.add(1f);
    VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
    return Lanes.all(1f).blend(e, negative).div(denominator);
  }

  /**
   * The hyperbolic tangent: below 0.625 an odd polynomial (Cephes tanhf), above it from e^-2|x|,
   * where the subtraction loses nothing.
   */
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector e = exp(a.mul(-2f));
    FloatVector large = Lanes.all(1f).sub(e).div(e.add(1f));
    FloatVector s = x.mul(x);
    FloatVector p = Lanes.all(-5.70498872745e-3f).fma(s, Lanes.all(2.06390887954e-2f));
    p = p.fma(s, Lanes.all(-5.37397155531e-2f));
    p = p.fma(s, Lanes.all(1.33314422036e-1f));
    p = p.fma(s, Lanes.all(-3.33332819422e-1f));
    FloatVector small = p.mul(s).fma(x, x);
    VectorMask<Float> isSmall = a.compare(VectorOperators.LT, 0.625f);
    return withSignOf(large, x).blend(small, isSmall);
  }

  /*
   * erf below 1: x times a polynomial in x^2, the Maclaurin series 2/sqrt(pi) sum (-1)^n x^2n /
   * (n! (2n+1)) cut after x^18, remainder below 3e-9. Above: 1 - t P(t) exp(-x^2) with
   * t = 1 / (1 + p x) (Abramowitz and Stegun 7.1.26), absolute error below 1.5e-7; there erf is at
   * least 0.84, so that this is about two units in the last place.
   */
  static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector s = x.mul(x);
    FloatVector p = Lanes.all(-1.6365844691234924e-7f).fma(s, Lanes.all(1.6462114365889246e-6f));
    p = p.fma(s, Lanes.all(-1.4925650358406251e-5f));
    p = p.fma(s, Lanes.all(1.2055332981789664e-4f));
    p = p.fma(s, Lanes.all(-8.5483270234508528e-4f));
    p = p.fma(s, Lanes.all(5.2239776254421878e-3f));
    p = p.fma(s, Lanes.all(-2.6866170645131251e-2f));
    p = p.fma(s, Lanes.all(1.1283791670955126e-1f));
    p = p.fma(s, Lanes.all(-3.7612638903183752e-1f));
    p = p.fma(s, Lanes.all(1.1283791670955126f));
    FloatVector small = p.mul(x);
    FloatVector t = Lanes.all(1f).div(a.fma(Lanes.all(0.3275911f), Lanes.all(1f)));
    FloatVector q = Lanes.all(1.061405429f).fma(t, Lanes.all(-1.453152027f));
    q = q.fma(t, Lanes.all(1.421413741f));
    q = q.fma(t, Lanes.all(-0.284496736f));
    q = q.fma(t, Lanes.all(0.254829592f));
    FloatVector large = Lanes.all(1f).sub(q.mul(t).mul(exp(s.neg())));
    return withSignOf(large, x).blend(small, a.compare(VectorOperators.LT, 1f));
  }

  /** x / 2 (1 + erf(x / sqrt 2)). */
  static FloatVector gelu(FloatVector x) {
    return erf(x.mul(0.70710678f)).add(1f).mul(x.mul(0.5f));
  }

  /** x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
  static FloatVector geluTanh(FloatVector x) {
    FloatVector cube = x.mul(x).mul(x);
    FloatVector inner = cube.fma(Lanes.all(0.044715f), x).mul(0.7978845608f);
    return tanh(inner).add(1f).mul(x.mul(0.5f));
  }

  /** {@code magnitude} with the sign of {@code sign}; a NaN of {@code sign} stays one. */
  private static FloatVector withSignOf(FloatVector magnitude, FloatVector sign) {
    FloatVector signed = magnitude.blend(magnitude.neg(), sign.compare(VectorOperators.LT, 0f));
    return signed.blend(sign, sign.test(VectorOperators.IS_NAN));
  }
}
