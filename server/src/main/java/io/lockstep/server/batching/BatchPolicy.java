package io.lockstep.server.batching;

import java.time.Duration;

/**
 * When a batch is closed.
 *
 * @param maxQueueDelay how long the oldest request may wait for company; zero takes what is there
 * @param lookAhead how many waiting requests are looked at for company, from the oldest on
 * @param maxOvertaking a request that has waited so long goes first, whatever its priority
 */
public record BatchPolicy(Duration maxQueueDelay, int lookAhead, Duration maxOvertaking) {

  public BatchPolicy {
    if (maxQueueDelay.isNegative() || !maxOvertaking.isPositive() || lookAhead < 1) {
      throw new IllegalArgumentException("impossible batch policy");
    }
  }

  /** The usual look-ahead, eight batches, and at most a second of being overtaken. */
  public static BatchPolicy of(Duration maxQueueDelay, int maxBatchSize) {
    return new BatchPolicy(
        maxQueueDelay, Math.max(64, 8 * maxBatchSize), maxQueueDelay.plus(Duration.ofSeconds(1)));
  }
}
