package io.lockstep.runtime.kernel;

/** A function of two truth values. */
public enum Junction {
  AND,
  OR,
  XOR;

  /** The function of values that are 0 or 1. */
  public long apply(long x, long y) {
    return switch (this) {
      case AND -> x & y;
      case OR -> x | y;
      case XOR -> x ^ y;
    };
  }
}
