package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.DType;

/** Indices as inputs bring them, negative ones counting from the end. */
final class Indices {

  private Indices() {}

  /** Refuses indices that are no integers. */
  static void check(OperatorInputs inputs, int input) {
    if (inputs.dtype(input) != DType.INT64 && inputs.dtype(input) != DType.INT32) {
      throw inputs.invalid("indices must be INT32 or INT64 but are " + inputs.type(input));
    }
  }

  /** An index counted from the front. */
  static long resolve(String operator, long index, int extent) {
    long fromFront = index < 0 ? index + extent : index;
    if (fromFront < 0 || fromFront >= extent) {
      throw new InvalidInputException(
          "%s: index %d is out of range for extent %d".formatted(operator, index, extent));
    }
    return fromFront;
  }
}
