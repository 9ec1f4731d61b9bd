package io.lockstep.loadtest.graph;

import java.nio.FloatBuffer;

/** Compares what the engines give for the same inputs. */
final class Outputs {

  private Outputs() {}

  /**
   * How far they are apart.
   *
   * @return the norm of the difference over the norm of the second
   * @throws IllegalStateException when they have other sizes
   */
  static double difference(FloatBuffer ours, FloatBuffer theirs) {
    if (ours.remaining() != theirs.remaining()) {
      throw new IllegalStateException(
          "outputs of " + ours.remaining() + " and " + theirs.remaining() + " elements");
    }
    double apart = 0;
    double norm = 0;
    for (int i = 0; i < ours.remaining(); i++) {
      double b = theirs.get(theirs.position() + i);
      double difference = ours.get(ours.position() + i) - b;
      apart += difference * difference;
      norm += b * b;
    }
    return Math.sqrt(apart / Math.max(norm, Double.MIN_NORMAL));
  }
}
