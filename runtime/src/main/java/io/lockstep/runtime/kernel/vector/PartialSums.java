package io.lockstep.runtime.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Adds the sixteen partial sums of a reduction in a fixed tree, on machines whose vectors hold 4, 8
 * or 16 of them: lane i and lane i + half, for halves 8, 4, 2, 1.
 */
final class PartialSums {

  /** Vectors that hold the sixteen partial sums. */
  static final int VECTORS = Math.max(1, 16 / Lanes.COUNT);

  private static final VectorShuffle<Float> BY_8 = rotate(8);
  private static final VectorShuffle<Float> BY_4 = rotate(4);
  private static final VectorShuffle<Float> BY_2 = rotate(2);
  private static final VectorShuffle<Float> BY_1 = rotate(1);

  private PartialSums() {}

  private static VectorShuffle<Float> rotate(int by) {
    return VectorShuffle.fromOp(Lanes.FLOATS, i -> (i + by) % Lanes.COUNT);
  }

  /** The sum of one vector's lanes, at most sixteen of them. */
  static float combine(FloatVector sums) {
    FloatVector total = sums;
    if (Lanes.COUNT >= 16) {
      total = total.add(total.rearrange(BY_8));
    }
    if (Lanes.COUNT >= 8) {
      total = total.add(total.rearrange(BY_4));
    }
    total = total.add(total.rearrange(BY_2));
    total = total.add(total.rearrange(BY_1));
    return total.lane(0);
  }
}
