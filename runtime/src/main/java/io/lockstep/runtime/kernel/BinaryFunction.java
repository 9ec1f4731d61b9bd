package io.lockstep.runtime.kernel;

/** An elementwise function of two floats. */
public enum BinaryFunction {
  ADD,
  SUB,
  MUL,
  DIV,
  /** The smaller one; NaN when either is. */
  MIN,
  /** The larger one; NaN when either is. */
  MAX,
  /** x to the power of y. */
  POW,
  /** x < 0 ? y x : x. */
  PRELU
}
