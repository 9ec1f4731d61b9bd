package io.lockstep.runtime.kernel;

/** An elementwise function of one float; parameters are {@link Activation}'s alpha and beta. */
public enum UnaryFunction {
  IDENTITY,
  NEG,
  ABS,
  SQRT,
  RECIPROCAL,
  EXP,
  LOG,
  ERF,
  TANH,
  /** 1 / (1 + exp(-x)). */
  SIGMOID,
  /** max(0, x); a NaN stays one. */
  RELU,
  /** x < 0 ? alpha x : x. */
  LEAKY_RELU,
  /** min(beta, max(alpha, x)); a NaN stays one. */
  CLIP,
  /** max(0, min(1, alpha x + beta)). */
  HARD_SIGMOID,
  /** x max(0, min(1, x/6 + 1/2)). */
  HARD_SWISH,
  /** x < 0 ? alpha (exp(x) - 1) : x. */
  ELU,
  /** x / 2 (1 + erf(x / sqrt 2)). */
  GELU,
  /** x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
  GELU_TANH,
  /** x sigmoid(alpha x). */
  SWISH,
  /** log(1 + exp(x)). */
  SOFTPLUS,
  /** x / (1 + |x|). */
  SOFTSIGN,
  FLOOR,
  CEIL,
  /** To the nearest integer, ties to even. */
  ROUND,
  /** x^2. */
  SQUARE,
  /** alpha x + beta, rounded twice. */
  AFFINE
}
