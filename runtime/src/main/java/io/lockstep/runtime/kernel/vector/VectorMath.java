package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.broadcast;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Transcendental functions over whole vectors: x and y are float [count] from byte offsets, count a
 * multiple of {@link Lanes#COUNT}; y may be x. A NaN goes through the arithmetic and stays one;
 * arguments outside a formula's range are replaced at the end by comparison.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants stand as their sources print them
final class VectorMath {

  /*
   * No method here takes or returns a vector: whether the compiler inlines such a method depends on
   * what it compiled before, and where it does not, each vector becomes an object and the loop a
   * hundred times slower. Functions made of exp therefore run in three loops over a block of
   * scratch memory: the argument of exp, exp, and what is made of it.
   */

  /** Floats in a block; with their source and result they stay in the first-level cache. */
  private static final long BLOCK = ThreadScratch.BLOCK;

  private static final long AT = ThreadScratch.BLOCK_AT;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float EXP_MAX = 88.72284f;
  private static final float EXP_MIN = -104f;

  /** Adding it rounds to an integer, ties to even, which the lowest bits then hold: 1.5 * 2^23. */
  private static final float ROUNDER = 12582912f;

  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
  private static final float SQRT_HALF = 0.70710678f;

  private VectorMath() {}

  /*
   * exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, r computed with ln 2 split in
   * two parts (Cody and Waite). exp(r) is its Taylor polynomial of degree 7, whose remainder on that
   * interval is below 6e-9, a tenth of a unit in the last place. 2^n is applied in two factors, so
   * that results may be denormal.
   */

  /** y = e^(x - shift) within 2 units in the last place of the difference's exponential. */
  static void exp(MemorySegment x, long from, float shift, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER).sub(shift);
      FloatVector shifted = v.fma(broadcast(FLOATS, LOG2_E), broadcast(FLOATS, ROUNDER));
      FloatVector n = shifted.sub(ROUNDER);
      FloatVector r = n.fma(broadcast(FLOATS, -LN2_HIGH), v);
      r = n.fma(broadcast(FLOATS, -LN2_LOW), r);
      FloatVector p = r.fma(broadcast(FLOATS, 1f / 5040), broadcast(FLOATS, 1f / 720));
      p = p.fma(r, broadcast(FLOATS, 1f / 120));
      p = p.fma(r, broadcast(FLOATS, 1f / 24));
      p = p.fma(r, broadcast(FLOATS, 1f / 6));
      p = p.fma(r, broadcast(FLOATS, 0.5f));
      p = p.fma(r, broadcast(FLOATS, 1f));
      p = p.fma(r, broadcast(FLOATS, 1f));
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      IntVector other = exponent.sub(half);
      p = p.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      p = p.mul(other.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, EXP_MAX))
          .blend(0f, v.compare(VectorOperators.LT, EXP_MIN))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  /*
   * log(x) = e ln 2 + log(1 + f) with x = 2^e (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f)
   * is f - f^2/2 + f^3 P(f) with the polynomial of Cephes logf, and ln 2 is split in two parts.
   */

  /** The natural logarithm within 2 units in the last place. */
  static void log(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      VectorMask<Float> isDenormal = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
      // denormals times 2^23 are normal
      IntVector bits = v.blend(v.mul(8388608f), isDenormal).reinterpretAsInts();
      IntVector exponent = bits.lanewise(VectorOperators.LSHR, 23).sub(126);
      FloatVector e = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
      e = e.blend(e.sub(23f), isDenormal);
      // the mantissa with the exponent of [1/2, 1)
      FloatVector m = bits.and(0x007fffff).or(0x3f000000).reinterpretAsFloats();
      VectorMask<Float> isLow = m.compare(VectorOperators.LT, SQRT_HALF);
      e = e.blend(e.sub(1f), isLow);
      FloatVector f = m.blend(m.add(m), isLow).sub(1f);
      FloatVector square = f.mul(f);
      FloatVector p =
          f.fma(broadcast(FLOATS, 7.0376836292e-2f), broadcast(FLOATS, -1.1514610310e-1f));
      p = p.fma(f, broadcast(FLOATS, 1.1676998740e-1f));
      p = p.fma(f, broadcast(FLOATS, -1.2420140846e-1f));
      p = p.fma(f, broadcast(FLOATS, 1.4249322787e-1f));
      p = p.fma(f, broadcast(FLOATS, -1.6668057665e-1f));
      p = p.fma(f, broadcast(FLOATS, 2.0000714765e-1f));
      p = p.fma(f, broadcast(FLOATS, -2.4999993993e-1f));
      p = p.fma(f, broadcast(FLOATS, 3.3333331174e-1f));
      p = p.mul(f).mul(square);
      p = e.fma(broadcast(FLOATS, LN2_LOW), p);
      p = square.fma(broadcast(FLOATS, -0.5f), p);
      e.fma(broadcast(FLOATS, LN2_HIGH), f.add(p))
          .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f))
          .blend(Float.NaN, v.compare(VectorOperators.LT, 0f))
          .blend(v, v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY))
          .blend(v, v.compare(VectorOperators.NE, v))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  /** y = 1 / (1 + e^-x), from e^-|x| so that nothing overflows. */
  static void sigmoid(MemorySegment x, long from, MemorySegment y, long to, long count) {
    MemorySegment e = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      magnitudes(x, from + at, -1, e, n);
      exp(e, AT, 0, e, AT, n);
      sigmoidFrom(e, x, from + at, y, to + at, n);
    }
  }

  /** y = x / (1 + e^(-alpha x)). */
  static void swish(MemorySegment x, long from, MemorySegment y, long to, long count, float alpha) {
    MemorySegment e = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      magnitudes(x, from + at, -Math.abs(alpha), e, n);
      exp(e, AT, 0, e, AT, n);
      swishFrom(e, x, from + at, alpha, y, to + at, n);
    }
  }

  /**
   * The hyperbolic tangent: below 0.625 an odd polynomial (Cephes tanhf), above it from e^-2|x|,
   * where the subtraction loses nothing.
   */
  static void tanh(MemorySegment x, long from, MemorySegment y, long to, long count) {
    MemorySegment e = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      magnitudes(x, from + at, -2, e, n);
      exp(e, AT, 0, e, AT, n);
      tanhFrom(e, x, from + at, y, to + at, n);
    }
  }

  /** y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
  static void geluTanh(MemorySegment x, long from, MemorySegment y, long to, long count) {
    MemorySegment scratch = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      geluTanhArguments(x, from + at, scratch, n);
      magnitudes(scratch, ThreadScratch.BLOCK2_AT, -2, scratch, n);
      exp(scratch, AT, 0, scratch, AT, n);
      tanhFrom(scratch, scratch, ThreadScratch.BLOCK2_AT, scratch, ThreadScratch.BLOCK2_AT, n);
      halfTimesOnePlus(scratch, x, from + at, y, to + at, n);
    }
  }

  /*
   * erf below 1: x times a polynomial in x^2, the Maclaurin series 2/sqrt(pi) sum (-1)^n x^2n /
   * (n! (2n+1)) cut after x^18, remainder below 3e-9. Above: 1 - t P(t) exp(-x^2) with
   * t = 1 / (1 + p x) (Abramowitz and Stegun 7.1.26), absolute error below 1.5e-7; there erf is at
   * least 0.84, so that this is about two units in the last place.
   */

  /** The error function. */
  static void erf(MemorySegment x, long from, MemorySegment y, long to, long count) {
    MemorySegment e = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      negatedSquares(x, from + at, e, n);
      exp(e, AT, 0, e, AT, n);
      erfFrom(e, x, from + at, y, to + at, n);
    }
  }

  /** y = x / 2 (1 + erf(x / sqrt 2)). */
  static void gelu(MemorySegment x, long from, MemorySegment y, long to, long count) {
    MemorySegment scratch = ThreadScratch.get();
    for (long done = 0; done < count; done += BLOCK) {
      long n = Math.min(BLOCK, count - done);
      long at = done * Float.BYTES;
      scale(x, from + at, SQRT_HALF, scratch, n);
      negatedSquares(scratch, ThreadScratch.BLOCK2_AT, scratch, n);
      exp(scratch, AT, 0, scratch, AT, n);
      erfFrom(scratch, scratch, ThreadScratch.BLOCK2_AT, scratch, ThreadScratch.BLOCK2_AT, n);
      halfTimesOnePlus(scratch, x, from + at, y, to + at, n);
    }
  }

  /** First block = |x| factor. */
  private static void magnitudes(
      MemorySegment x, long from, float factor, MemorySegment scratch, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.abs().mul(factor).intoMemorySegment(scratch, AT + i, ORDER);
    }
  }

  /** First block = -x^2. */
  private static void negatedSquares(
      MemorySegment x, long from, MemorySegment scratch, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v).neg().intoMemorySegment(scratch, AT + i, ORDER);
    }
  }

  /** Second block = x factor. */
  private static void scale(
      MemorySegment x, long from, float factor, MemorySegment scratch, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(factor).intoMemorySegment(scratch, ThreadScratch.BLOCK2_AT + i, ORDER);
    }
  }

  /** Second block = sqrt(2 / pi) (x + 0.044715 x^3). */
  private static void geluTanhArguments(
      MemorySegment x, long from, MemorySegment scratch, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v)
          .mul(v)
          .fma(broadcast(FLOATS, 0.044715f), v)
          .mul(0.7978845608f)
          .intoMemorySegment(scratch, ThreadScratch.BLOCK2_AT + i, ORDER);
    }
  }

  /** y = x / 2 (1 + the second block). */
  private static void halfTimesOnePlus(
      MemorySegment scratch, MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector f =
          FloatVector.fromMemorySegment(FLOATS, scratch, ThreadScratch.BLOCK2_AT + i, ORDER);
      f.add(1f).mul(v.mul(0.5f)).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void sigmoidFrom(
      MemorySegment scratch, MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector e = FloatVector.fromMemorySegment(FLOATS, scratch, AT + i, ORDER);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      broadcast(FLOATS, 1f)
          .blend(e, v.compare(VectorOperators.LT, 0f))
          .div(e.add(1f))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void swishFrom(
      MemorySegment scratch,
      MemorySegment x,
      long from,
      float alpha,
      MemorySegment y,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector e = FloatVector.fromMemorySegment(FLOATS, scratch, AT + i, ORDER);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      broadcast(FLOATS, 1f)
          .blend(e, v.mul(alpha).compare(VectorOperators.LT, 0f))
          .div(e.add(1f))
          .mul(v)
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void tanhFrom(
      MemorySegment scratch, MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector e = FloatVector.fromMemorySegment(FLOATS, scratch, AT + i, ORDER);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector large = broadcast(FLOATS, 1f).sub(e).div(e.add(1f));
      FloatVector s = v.mul(v);
      FloatVector p =
          s.fma(broadcast(FLOATS, -5.70498872745e-3f), broadcast(FLOATS, 2.06390887954e-2f));
      p = p.fma(s, broadcast(FLOATS, -5.37397155531e-2f));
      p = p.fma(s, broadcast(FLOATS, 1.33314422036e-1f));
      p = p.fma(s, broadcast(FLOATS, -3.33332819422e-1f));
      FloatVector small = p.mul(s).fma(v, v);
      large
          .blend(large.neg(), v.compare(VectorOperators.LT, 0f))
          .blend(small, v.abs().compare(VectorOperators.LT, 0.625f))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void erfFrom(
      MemorySegment scratch, MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector e = FloatVector.fromMemorySegment(FLOATS, scratch, AT + i, ORDER);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector s = v.mul(v);
      FloatVector p =
          s.fma(
              broadcast(FLOATS, -1.6365844691234924e-7f),
              broadcast(FLOATS, 1.6462114365889246e-6f));
      p = p.fma(s, broadcast(FLOATS, -1.4925650358406251e-5f));
      p = p.fma(s, broadcast(FLOATS, 1.2055332981789664e-4f));
      p = p.fma(s, broadcast(FLOATS, -8.5483270234508528e-4f));
      p = p.fma(s, broadcast(FLOATS, 5.2239776254421878e-3f));
      p = p.fma(s, broadcast(FLOATS, -2.6866170645131251e-2f));
      p = p.fma(s, broadcast(FLOATS, 1.1283791670955126e-1f));
      p = p.fma(s, broadcast(FLOATS, -3.7612638903183752e-1f));
      FloatVector small = p.fma(s, broadcast(FLOATS, 1.1283791670955126f)).mul(v);
      FloatVector a = v.abs();
      FloatVector t =
          broadcast(FLOATS, 1f).div(a.fma(broadcast(FLOATS, 0.3275911f), broadcast(FLOATS, 1f)));
      FloatVector q = t.fma(broadcast(FLOATS, 1.061405429f), broadcast(FLOATS, -1.453152027f));
      q = q.fma(t, broadcast(FLOATS, 1.421413741f));
      q = q.fma(t, broadcast(FLOATS, -0.284496736f));
      q = q.fma(t, broadcast(FLOATS, 0.254829592f));
      FloatVector large = broadcast(FLOATS, 1f).sub(q.mul(t).mul(e));
      large
          .blend(large.neg(), v.compare(VectorOperators.LT, 0f))
          .blend(small, a.compare(VectorOperators.LT, 1f))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }
}
