package io.lockstep.runtime.kernel;

/** A constant matrix whose rows become floats one at a time. */
@FunctionalInterface
public interface WeightRows {

  /** Row {@code row} as float [k] from {@code to} on. */
  void decode(int row, float[] target, int to);
}
