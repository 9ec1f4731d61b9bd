package io.lockstep.training.optimizer;

/**
 * A rate that rises in a straight line, then falls along half a cosine to a tenth of its peak.
 *
 * @param updates all updates
 * @param warmUp how many of them the rise takes
 */
public record Schedule(float peak, int updates, int warmUp) {

  private static final float LAST_SHARE = 0.1f;

  /** The rate of an update, counted from 0. */
  public float rate(int update) {
    if (update < warmUp) {
      return peak * (update + 1) / warmUp;
    }
    double done = (double) (update - warmUp) / Math.max(1, updates - warmUp);
    double share = LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + StrictMath.cos(Math.PI * done));
    return (float) (peak * share);
  }
}
