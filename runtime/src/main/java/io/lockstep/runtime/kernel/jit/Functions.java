package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Expression.constant;

import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.kernel.jit.Assembler.Comparison;
import io.lockstep.runtime.kernel.jit.Assembler.Rounding;
import io.lockstep.runtime.kernel.jit.Expression.Constant;
import io.lockstep.runtime.kernel.jit.Expression.Direction;
import io.lockstep.runtime.kernel.jit.Expression.Lookup;
import io.lockstep.runtime.kernel.jit.Expression.Select;

/**
 * Elementwise functions as expressions. A NaN goes through the arithmetic and stays one; arguments
 * outside a formula's range are replaced at the end by comparison.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants stand as their sources print them
final class Functions {

  private final Isa isa;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Above it e^x is infinite, and so is what it becomes at this bound. */
  private static final float EXP_MAX = 89f;

  /** Below it e^x is zero, and so is what it becomes at this bound. */
  private static final float EXP_MIN = -104f;

  /** Adding it rounds to an integer, ties to even, which the lowest bits then hold: 1.5 * 2^23. */
  private static final float ROUNDER = 12582912f;

  private static final float SQRT_HALF = 0.70710678f;

  /** Functions in the instructions of one set. */
  Functions(Isa isa) {
    this.isa = isa;
  }

  /**
   * A unary function of x.
   *
   * @param alpha the activation's first parameter
   * @param beta the second
   */
  Expression unary(UnaryFunction function, Expression x, Expression alpha, Expression beta) {
    return switch (function) {
      case IDENTITY -> x;
      case NEG -> x.negated();
      case ABS -> x.magnitude();
      case SQRT -> new Expression.Unary(Op.SQRTPS, x);
      case RECIPROCAL -> constant(1).over(x);
      case EXP -> exp(x);
      case LOG -> log(x);
      case ERF -> erf(x);
      case TANH -> tanh(x);
      case SIGMOID -> sigmoid(x, x);
      case RELU -> max(constant(0), x);
      case LEAKY_RELU -> x.ifLess(0, x.times(alpha), x);
      case CLIP -> min(beta, max(alpha, x));
      case HARD_SIGMOID -> unit(x.times(alpha).plus(beta));
      case HARD_SWISH -> x.times(unit(x.times(1f / 6).plus(0.5f)));
      case ELU -> x.ifLess(0, exp(x).minus(1).times(alpha), x);
      case GELU -> gelu(x);
      case GELU_TANH -> geluTanh(x);
      case SWISH -> sigmoid(x.times(alpha), x.times(alpha)).times(x);
      case SOFTPLUS -> softplus(x);
      case SOFTSIGN -> x.over(x.magnitude().plus(1));
      case FLOOR -> new Expression.Round(x, Rounding.DOWN);
      case CEIL -> new Expression.Round(x, Rounding.UP);
      case ROUND -> new Expression.Round(x, Rounding.NEAREST_EVEN);
      case SQUARE -> x.times(x);
      case AFFINE -> x.times(alpha).plus(beta);
    };
  }

  /** The larger one; x where one of both is a NaN. */
  private static Expression max(Expression bound, Expression x) {
    return new Expression.Binary(Op.MAXPS, bound, x);
  }

  /** The smaller one; x where one of both is a NaN. */
  private static Expression min(Expression bound, Expression x) {
    return new Expression.Binary(Op.MINPS, bound, x);
  }

  private static Expression unit(Expression x) {
    return max(constant(0), min(constant(1), x));
  }

  /*
   * exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, r computed with ln 2 split in
   * two parts (Cody and Waite). exp(r) is 1 + r + r^2 P(r) of degree 6, P fitted for the least relative
   * error on that interval (Lawson's iteration), which is 3e-9, a twentieth of a unit in the last
   * place. AVX-512 has an instruction for 2^n; elsewhere it is applied in two factors, so that
   * results may be denormal.
   */

  /** e^x within 2 units in the last place. */
  Expression exp(Expression x) {
    Expression bounded = max(constant(EXP_MIN), min(constant(EXP_MAX), x));
    Expression shifted = bounded.fma(LOG2_E, ROUNDER);
    Expression n = shifted.minus(ROUNDER);
    Expression r = n.fma(constant(-LN2_LOW), n.fma(constant(-LN2_HIGH), bounded));
    Expression p = r.fma(1.3814540579915047e-3f, 8.36874544620514e-3f);
    p = p.fma(r, 0.04166838899254799f);
    p = p.fma(r, 0.1666652113199234f);
    p = p.fma(r, 0.4999999403953552f);
    p = p.fma(r, 1f);
    p = p.fma(r, 1f);
    if (isa == Isa.AVX512) {
      return new Expression.Binary(Op.SCALEFPS, p, n);
    }
    Expression exponent = integerMinus(shifted, Float.floatToRawIntBits(ROUNDER));
    Expression half = new Expression.Shift(Direction.RIGHT_SIGNED, exponent, 1);
    Expression other = new Expression.Binary(Op.PSUBD, exponent, half);
    return p.times(powerOfTwo(half)).times(powerOfTwo(other));
  }

  private static Expression integerMinus(Expression x, int value) {
    return new Expression.Binary(Op.PADDD, x, new Constant(-value));
  }

  /** 2^n for an integer n. */
  private static Expression powerOfTwo(Expression n) {
    return new Expression.Shift(Direction.LEFT, integerMinus(n, -127), 23);
  }

  /*
   * log(x) = e ln 2 + log(1 + f) with x = 2^e (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f)
   * is f - f^2/2 + f^3 P(f) with the polynomial of Cephes logf, and ln 2 is split in two parts.
   */

  /** The natural logarithm within 2 units in the last place. */
  static Expression log(Expression x) {
    // denormals times 2^23 are normal
    Expression normal = x.ifLess(Float.MIN_NORMAL, x.times(8388608f), x);
    Expression exponent = new Expression.Shift(Direction.RIGHT, normal, 23);
    Expression e = new Expression.Unary(Op.CVTDQ2PS, integerMinus(exponent, 126));
    e = x.ifLess(Float.MIN_NORMAL, e.minus(23), e);
    // the mantissa with the exponent of [1/2, 1)
    Expression mantissa = new Expression.Binary(Op.ANDPS, normal, new Constant(0x007fffff));
    Expression m = new Expression.Binary(Op.ORPS, mantissa, new Constant(0x3f000000));
    e = m.ifLess(SQRT_HALF, e.minus(1), e);
    Expression f = m.ifLess(SQRT_HALF, m.plus(m), m).minus(1);
    Expression square = f.times(f);
    Expression p = f.fma(7.0376836292e-2f, -1.1514610310e-1f);
    p = p.fma(f, 1.1676998740e-1f);
    p = p.fma(f, -1.2420140846e-1f);
    p = p.fma(f, 1.4249322787e-1f);
    p = p.fma(f, -1.6668057665e-1f);
    p = p.fma(f, 2.0000714765e-1f);
    p = p.fma(f, -2.4999993993e-1f);
    p = p.fma(f, 3.3333331174e-1f);
    p = p.times(f).times(square);
    p = e.fma(constant(LN2_LOW), p);
    p = square.fma(constant(-0.5f), p);
    Expression result = e.fma(constant(LN2_HIGH), f.plus(p));
    Expression zero = constant(0);
    Expression infinity = constant(Float.POSITIVE_INFINITY);
    result = new Select(Comparison.EQUAL, x, zero, constant(Float.NEGATIVE_INFINITY), result);
    result = x.ifLess(0, constant(Float.NaN), result);
    result = new Select(Comparison.EQUAL, x, infinity, x, result);
    return new Select(Comparison.UNORDERED, x, x, x, result);
  }

  /**
   * 1 / (1 + e^-x), from e^-|x| so that nothing overflows.
   *
   * @param sign what has the sign of x
   */
  private Expression sigmoid(Expression x, Expression sign) {
    Expression e = exp(x.magnitude().negated());
    return sign.ifLess(0, e, constant(1)).over(e.plus(1));
  }

  /** The hyperbolic tangent: below 0.625 an odd polynomial (Cephes tanhf), above from e^-2|x|. */
  private Expression tanh(Expression x) {
    Expression e = exp(x.magnitude().times(-2));
    Expression large = constant(1).minus(e).over(e.plus(1));
    Expression s = x.times(x);
    Expression p = s.fma(-5.70498872745e-3f, 2.06390887954e-2f);
    p = p.fma(s, -5.37397155531e-2f);
    p = p.fma(s, 1.33314422036e-1f);
    p = p.fma(s, -3.33332819422e-1f);
    Expression small = p.times(s).fma(x, x);
    Expression signed = x.ifLess(0, large.negated(), large);
    return x.magnitude().ifLess(0.625f, small, signed);
  }

  private Expression geluTanh(Expression x) {
    Expression argument = x.times(x).times(x).fma(constant(0.044715f), x).times(0.7978845608f);
    return tanh(argument).plus(1).times(x.times(0.5f));
  }

  /*
   * erf below 1: x times a polynomial in x^2, the Maclaurin series 2/sqrt(pi) sum (-1)^n x^2n /
   * (n! (2n+1)) cut after x^18, remainder below 3e-9. Above: 1 - t P(t) exp(-x^2) with
   * t = 1 / (1 + p x) (Abramowitz and Stegun 7.1.26), absolute error below 1.5e-7; there erf is at
   * least 0.84, so that this is about two units in the last place.
   */

  /** The error function. */
  private Expression erf(Expression x) {
    Expression s = x.times(x);
    Expression p = s.fma(-1.6365844691234924e-7f, 1.6462114365889246e-6f);
    p = p.fma(s, -1.4925650358406251e-5f);
    p = p.fma(s, 1.2055332981789664e-4f);
    p = p.fma(s, -8.5483270234508528e-4f);
    p = p.fma(s, 5.2239776254421878e-3f);
    p = p.fma(s, -2.6866170645131251e-2f);
    p = p.fma(s, 1.1283791670955126e-1f);
    p = p.fma(s, -3.7612638903183752e-1f);
    Expression small = p.fma(s, 1.1283791670955126f).times(x);
    Expression a = x.magnitude();
    Expression t = constant(1).over(a.fma(0.3275911f, 1));
    Expression q = t.fma(1.061405429f, -1.453152027f);
    q = q.fma(t, 1.421413741f);
    q = q.fma(t, -0.284496736f);
    q = q.fma(t, 0.254829592f);
    Expression large = constant(1).minus(q.times(t).times(exp(s.negated())));
    Expression signed = x.ifLess(0, large.negated(), large);
    return a.ifLess(1, small, signed);
  }

  /*
   * x P(x^2) / Q(x^2) with the coefficients that make the largest relative error on [0, 3.92] least,
   * 5.2e-8, found by reweighted least squares (Lawson). Rounding adds up to 3.4e-7 near 1.
   */

  /** x Phi(x): AVX-512 looks the polynomial of an interval up, which needs no division. */
  private Expression gelu(Expression x) {
    if (isa != Isa.AVX512) {
      return quickErf(x.times(SQRT_HALF)).plus(1).times(x.times(0.5f));
    }
    float perUnit = NormalIntervals.PER_UNIT;
    Expression bounded = min(constant((NormalIntervals.COUNT - 1) / perUnit), x.magnitude());
    Expression shifted = bounded.fma(perUnit, ROUNDER);
    Expression r = bounded.fma(constant(perUnit), shifted.minus(ROUNDER).negated());
    Expression p = new Lookup(NormalIntervals.coefficients(NormalIntervals.DEGREE), shifted);
    for (int power = NormalIntervals.DEGREE - 1; power >= 0; power--) {
      p = p.fma(r, new Lookup(NormalIntervals.coefficients(power), shifted));
    }
    Expression sign = new Expression.Binary(Op.ANDPS, x, new Constant(Integer.MIN_VALUE));
    return new Expression.Binary(Op.ORPS, p, sign).plus(0.5f).times(x);
  }

  /** The error function within 6 units in the last place, as factors near 1 take it. */
  private static Expression quickErf(Expression x) {
    Expression bounded = max(constant(-3.92f), min(constant(3.92f), x));
    Expression s = bounded.times(bounded);
    Expression p = s.fma(1.9924151e-8f, -1.9578313e-6f);
    p = p.fma(s, 1.4185064e-4f);
    p = p.fma(s, 3.701626e-3f);
    p = p.fma(s, 5.0573386e-2f);
    p = p.fma(s, 1.9992498e-1f);
    p = p.fma(s, 1.1283791f);
    Expression q = s.fma(9.560423e-4f, 1.4353241e-2f);
    q = q.fma(s, 1.149986e-1f);
    q = q.fma(s, 5.1051056e-1f);
    q = q.fma(s, 1f);
    return max(constant(-1), min(constant(1), p.times(bounded).over(q)));
  }

  /** max(x, 0) + log(1 + e^-|x|), where the sum loses what e^-|x| has below 2^-24. */
  private Expression softplus(Expression x) {
    Expression e = exp(x.magnitude().negated());
    Expression small = e.fma(e.times(-0.5f), e);
    Expression tail = e.ifLess(1e-3f, small, log(e.plus(1)));
    return max(constant(0), x).plus(tail);
  }

  /** Whether a binary function is emitted. */
  static boolean has(BinaryFunction function) {
    return function != BinaryFunction.POW;
  }

  /** Whether powers of this exponent are emitted. */
  static boolean hasPower(float exponent) {
    return exponent == 2 || exponent == 3;
  }

  /** x to a power that {@link #hasPower}. */
  static Expression power(Expression x, float exponent) {
    Expression square = x.times(x);
    return exponent == 2 ? square : square.times(x);
  }

  /** A binary function that {@link #has}. */
  static Expression binary(BinaryFunction function, Expression x, Expression y) {
    return switch (function) {
      case ADD -> x.plus(y);
      case SUB -> x.minus(y);
      case MUL -> x.times(y);
      case DIV -> x.over(y);
      case MIN -> extreme(Op.MINPS, Op.ORPS, x, y);
      case MAX -> extreme(Op.MAXPS, Op.ANDPS, x, y);
      case PRELU -> x.ifLess(0, y.times(x), x);
      case POW -> throw new IllegalArgumentException(function + " is not emitted");
    };
  }

  /**
   * The smaller or larger one, of two zeros by their signs; NaN where one of both is.
   *
   * @param op gives its second operand where one of both is a NaN
   * @param equal brings equal ones together
   */
  private static Expression extreme(Op op, Op equal, Expression x, Expression y) {
    Expression same = new Expression.Binary(equal, x, y);
    Expression one = new Expression.Binary(op, x, y);
    Expression ordered = new Select(Comparison.EQUAL, x, y, same, one);
    return new Select(Comparison.UNORDERED, x, x, x, ordered);
  }
}
