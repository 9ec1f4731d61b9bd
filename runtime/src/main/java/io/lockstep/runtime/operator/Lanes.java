package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;

/**
 * A tensor seen as [outer, length, inner]: along the middle axis lie the lanes that an operator
 * treats one by one.
 */
record Lanes(int outer, int length, int inner) {

  /** The lanes of the first input along an axis. */
  static Lanes of(OperatorInputs inputs, long axis) {
    return of(inputs, axis, false);
  }

  /**
   * The lanes of the first input.
   *
   * @param flattens whether all axes from this one on make up the lane; it may then stand behind
   *     the last one
   */
  static Lanes of(OperatorInputs inputs, long axis, boolean flattens) {
    Shape x = inputs.shape(0);
    if (x.rank() == 0) {
      return new Lanes(1, 1, 1);
    }
    if (flattens) {
      int first = axis == x.rank() ? x.rank() : Axes.resolve(inputs, axis, x.rank());
      return new Lanes(x.product(0, first), x.product(first, x.rank()), 1);
    }
    int along = Axes.resolve(inputs, axis, x.rank());
    return new Lanes(x.product(0, along), x.extent(along), x.product(along + 1, x.rank()));
  }

  /** Work on the lane whose first element has this index; its elements are {@code inner} apart. */
  @FunctionalInterface
  interface Body {
    void run(long first);
  }

  void forEach(Body body) {
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        body.run((long) o * length * inner + i);
      }
    }
  }
}
