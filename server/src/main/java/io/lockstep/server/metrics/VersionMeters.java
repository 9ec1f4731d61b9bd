package io.lockstep.server.metrics;

import io.lockstep.server.serving.CloseReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The meters of one model version, looked up once; made by {@link ServingMetrics}. */
public final class VersionMeters {

  private final DistributionSummary batchRows;
  private final Map<CloseReason, Counter> closes;
  private final Counter validElements;
  private final Counter paddingElements;
  private final Counter cancelled;
  private final Counter expired;
  private final Counter faults;

  VersionMeters(
      DistributionSummary batchRows,
      Map<CloseReason, Counter> closes,
      Counter validElements,
      Counter paddingElements,
      Counter cancelled,
      Counter expired,
      Counter faults) {
    this.batchRows = batchRows;
    this.closes = new EnumMap<>(closes);
    this.validElements = validElements;
    this.paddingElements = paddingElements;
    this.cancelled = cancelled;
    this.expired = expired;
    this.faults = faults;
  }

  /** A batch was closed and is about to run. */
  public void batchFormed(int rows, CloseReason reason) {
    batchRows.record(rows);
    Objects.requireNonNull(closes.get(reason)).increment();
  }

  /** Positions along the length axis that a batch computed, and how many of them were padding. */
  public void batchPadded(long valid, long padding) {
    validElements.increment((double) valid);
    paddingElements.increment((double) padding);
  }

  /** A request left because its client did. */
  public void requestCancelled() {
    cancelled.increment();
  }

  /** A request's time ran out while it waited. */
  public void requestExpired() {
    expired.increment();
  }

  /** A run failed for a reason that is not a request's fault. */
  public void runFailed() {
    faults.increment();
  }
}
