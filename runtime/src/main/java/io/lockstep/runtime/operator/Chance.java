package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;

/**
 * Random numbers that depend on nothing but a seed and the place of the element they are for, so
 * that a run can be repeated.
 *
 * <p>They are the outputs of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom
 * Number Generators", 2014) at those places of its sequence.
 */
record Chance(long seed) {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** The source with the node's seed; a node without one has a fixed one. */
  static Chance of(NodeAttributes attributes) {
    return new Chance(
        attributes.has("seed") ? Float.floatToRawIntBits(attributes.floatOr("seed", 0)) : 0);
  }

  private long bits(long place) {
    long z = (seed << 32) + (place + 1) * GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Evenly from [0, 1). */
  double uniform(long place) {
    return (double) (bits(place) >>> 11) * 0x1p-53;
  }

  /** From the normal distribution of mean 0 and deviation 1, by the method of Box and Muller. */
  double normal(long place) {
    double radius = Math.sqrt(-2 * Math.log(1 - uniform(2 * place)));
    return radius * Math.cos(2 * Math.PI * uniform(2 * place + 1));
  }
}
