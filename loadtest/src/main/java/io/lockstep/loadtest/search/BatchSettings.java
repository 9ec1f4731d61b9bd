package io.lockstep.loadtest.search;

import java.time.Duration;

/**
 * How a model batches.
 *
 * @param maxBatchSize rows of a run
 * @param maxQueueDelay how long a request may wait for company
 */
public record BatchSettings(int maxBatchSize, Duration maxQueueDelay) {

  private static final long NANOS_PER_MICRO = 1000;

  /** The delay as a {@code model.yaml} has it. */
  public String delayText() {
    long micros = maxQueueDelay.toNanos() / NANOS_PER_MICRO;
    if (micros == 0) {
      return "0";
    }
    return micros % 1000 == 0 ? micros / 1000 + "ms" : micros + "us";
  }
}
