package io.lockstep.server.serving;

import java.time.Duration;

/**
 * The moment after which nobody wants the answer. A value that travels with the request; it is
 * looked at when the request is admitted, when a batch is formed, and by whoever waits.
 *
 * @param atNanos in the ticker's time; meaningless when {@code isSet} is false
 * @param isSet false for a request that may take as long as it needs
 */
public record Deadline(long atNanos, boolean isSet) {

  public static final Deadline NONE = new Deadline(0, false);

  /** {@code timeout} from {@code nowNanos}; none when the timeout is zero or negative. */
  public static Deadline after(Duration timeout, long nowNanos) {
    // A century is as good as forever, and keeps the sum from overflowing.
    Duration capped = timeout.compareTo(FOREVER) > 0 ? FOREVER : timeout;
    return capped.isPositive() ? new Deadline(nowNanos + capped.toNanos(), true) : NONE;
  }

  private static final Duration FOREVER = Duration.ofDays(36_500);

  public boolean hasPassed(long nowNanos) {
    return isSet && atNanos - nowNanos <= 0;
  }

  /** Nanoseconds left, 0 when it has passed, {@link Long#MAX_VALUE} when there is no deadline. */
  public long remainingNanos(long nowNanos) {
    return isSet ? Math.max(0, atNanos - nowNanos) : Long.MAX_VALUE;
  }

  /** The one that comes first. */
  public Deadline orEarlier(Deadline other) {
    if (!isSet || !other.isSet) {
      return isSet ? this : other;
    }
    return atNanos - other.atNanos <= 0 ? this : other;
  }
}
