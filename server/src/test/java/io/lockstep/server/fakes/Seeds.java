package io.lockstep.server.fakes;

import java.util.Random;
import java.util.function.Consumer;

/** Runs a property against many seeds; a failure names the seed that replays it. */
public final class Seeds {

  private Seeds() {}

  /**
   * Calls {@code property} with {@code count} differently seeded sources of chance, the same ones
   * in every run; with {@code -Dtests.seed=N} only with N.
   */
  public static void forAll(int count, Consumer<Random> property) {
    Long replayed = Long.getLong("tests.seed");
    long first = replayed == null ? 0 : replayed;
    long end = replayed == null ? count : replayed + 1;
    for (long seed = first; seed < end; seed++) {
      try {
        property.accept(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("failed; replay with -Dtests.seed=" + seed, e);
      }
    }
  }
}
