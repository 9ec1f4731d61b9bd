package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import java.util.Arrays;

/** Axes as models write them, negative ones counting from the end. */
final class Axes {

  private Axes() {}

  /** One axis counted from the front. */
  static int resolve(OperatorInputs inputs, long axis, int rank) {
    long fromFront = axis < 0 ? axis + rank : axis;
    if (fromFront < 0 || fromFront >= rank) {
      throw inputs.invalid("axis " + axis + " is out of range for rank " + rank);
    }
    return (int) fromFront;
  }

  /** Which axes of a tensor are named; each at most once. */
  static boolean[] marked(OperatorInputs inputs, long[] axes, int rank) {
    boolean[] marked = new boolean[rank];
    for (long axis : axes) {
      int resolved = resolve(inputs, axis, rank);
      if (marked[resolved]) {
        throw inputs.invalid("axis " + axis + " is named twice in " + Arrays.toString(axes));
      }
      marked[resolved] = true;
    }
    return marked;
  }
}
