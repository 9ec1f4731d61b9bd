package io.lockstep.loadtest.search;

import java.util.OptionalDouble;

/**
 * Finds the highest rate that a server holds: doubles a rate that held, halves one that did not,
 * and bisects between them. Rates that held were measured once, those that did not as often as
 * {@link Limits#tries} says, since a busy machine spoils a measurement now and then.
 */
public final class KneeSearch {

  /**
   * Where the search ends.
   *
   * @param least requests a second; below it there is no knee
   * @param most requests a second; beyond it nothing is tried
   * @param resolution between the rate that held and the one that did not, as a share of the first
   * @param tries of a rate before it counts as not held
   */
  public record Limits(double least, double most, double resolution, int tries) {

    public Limits {
      if (!(least > 0 && most >= least && resolution > 0 && tries >= 1)) {
        throw new IllegalArgumentException(
            "limits of a search: expected 0 < least <= most, resolution > 0 and tries >= 1, got "
                + "least %s, most %s, resolution %s, tries %d"
                    .formatted(least, most, resolution, tries));
      }
    }
  }

  private final Limits limits;
  private double held; // 0 before any rate held
  private double missed = Double.POSITIVE_INFINITY;
  private double rate; // being measured
  private int tries; // of it, so far
  private boolean isOver;

  /** A search that begins with some rate, within the limits. */
  public KneeSearch(double first, Limits limits) {
    this.limits = limits;
    this.rate = Math.clamp(first, limits.least(), limits.most());
  }

  /** Requests a second to measure next; empty when the search is over. */
  public OptionalDouble next() {
    return isOver ? OptionalDouble.empty() : OptionalDouble.of(rate);
  }

  /** Takes what became of {@link #next()}: whether the server held it within the target. */
  public void measured(boolean isHeld) {
    if (isOver) {
      throw new IllegalStateException("the search is over");
    }
    if (isHeld) {
      held = rate;
      choose();
    } else if (++tries == limits.tries()) {
      missed = rate;
      choose();
    }
  }

  private void choose() {
    tries = 0;
    if (missed == Double.POSITIVE_INFINITY) {
      isOver = held >= limits.most();
      rate = Math.min(2 * held, limits.most());
    } else if (held == 0) {
      isOver = missed <= limits.least();
      rate = Math.max(missed / 2, limits.least());
    } else {
      isOver = missed <= held * (1 + limits.resolution());
      rate = (held + missed) / 2;
    }
  }

  /** The highest rate that held; empty when none did. */
  public OptionalDouble knee() {
    return held == 0 ? OptionalDouble.empty() : OptionalDouble.of(held);
  }

  /** Whether a higher rate was tried and not held, so that the knee is one. */
  public boolean isBounded() {
    return missed < Double.POSITIVE_INFINITY;
  }
}
