package io.lockstep.server.serving;

import java.time.Duration;

/**
 * How a model version batches, as statistics and configuration end points show it.
 *
 * @param maxBatchSize rows of one run; 1 when the model cannot batch
 * @param maxQueueDelay how long the oldest request may wait for company
 * @param maxQueueSize rows that may wait, beyond which requests are refused
 * @param instances how many runs may happen at a time
 */
public record BatchSettings(
    int maxBatchSize, Duration maxQueueDelay, int maxQueueSize, int instances) {}
