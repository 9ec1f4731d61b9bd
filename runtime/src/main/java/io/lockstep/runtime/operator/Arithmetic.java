package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Erf;

/** The elementwise functions for element types that have no kernel, one element at a time. */
final class Arithmetic {

  private Arithmetic() {}

  static double apply(BinaryFunction function, double x, double y) {
    return switch (function) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> x / y;
      case MIN -> Math.min(x, y);
      case MAX -> Math.max(x, y);
      case POW -> Math.pow(x, y);
      case PRELU -> x < 0 ? y * x : x;
    };
  }

  /**
   * The function of two integers, modulo 2^64; a quotient is truncated, and an integer divided by
   * zero is zero, as in NumPy.
   *
   * @param unsigned whether they are unsigned 64-bit integers
   */
  static long apply(BinaryFunction function, long x, long y, boolean unsigned) {
    return switch (function) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> y == 0 ? 0 : unsigned ? Long.divideUnsigned(x, y) : x / y;
      case MIN -> compare(x, y, unsigned) <= 0 ? x : y;
      case MAX -> compare(x, y, unsigned) >= 0 ? x : y;
      case POW -> power(x, y, unsigned);
      case PRELU -> !unsigned && x < 0 ? y * x : x;
    };
  }

  static int compare(long x, long y, boolean unsigned) {
    return unsigned ? Long.compareUnsigned(x, y) : Long.compare(x, y);
  }

  /** x^y modulo 2^64; a negative exponent gives the truncated fraction. */
  private static long power(long x, long y, boolean unsigned) {
    if (y < 0 && !unsigned) {
      return x == 1 ? 1 : x == -1 ? ((y & 1) == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    long square = x;
    for (long rest = y; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }

  static double apply(Activation activation, double x) {
    double alpha = activation.alpha();
    double beta = activation.beta();
    return switch (activation.function()) {
      case IDENTITY -> x;
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case ERF -> Erf.erf(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> x < 0 ? 0 : x;
      case LEAKY_RELU -> x < 0 ? alpha * x : x;
      case CLIP -> clip(x, alpha, beta);
      case HARD_SIGMOID -> clip(alpha * x + beta, 0, 1);
      case HARD_SWISH -> x * clip(x / 6 + 0.5, 0, 1);
      case ELU -> x < 0 ? alpha * Math.expm1(x) : x;
      case GELU -> 0.5 * x * (1 + Erf.erf(x * Math.sqrt(0.5)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SWISH -> x * sigmoid(alpha * x);
      case SOFTPLUS -> softplus(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case FLOOR -> Math.floor(x);
      case CEIL -> Math.ceil(x);
      case ROUND -> Math.rint(x);
      case SQUARE -> x * x;
      case AFFINE -> alpha * x + beta;
    };
  }

  /** The function of an integer, for those that models apply to integers; others go by double. */
  static long apply(Activation activation, long x) {
    return switch (activation.function()) {
      case IDENTITY, FLOOR, CEIL, ROUND -> x;
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case RELU -> Math.max(x, 0);
      case SQUARE -> x * x;
      case SQRT,
          RECIPROCAL,
          EXP,
          LOG,
          ERF,
          TANH,
          SIGMOID,
          LEAKY_RELU,
          CLIP,
          HARD_SIGMOID,
          HARD_SWISH,
          ELU,
          GELU,
          GELU_TANH,
          SWISH,
          SOFTPLUS,
          SOFTSIGN,
          AFFINE ->
          (long) apply(activation, (double) x);
    };
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double clip(double x, double low, double high) {
    return Double.isNaN(x) ? x : Math.min(high, Math.max(low, x));
  }
}
