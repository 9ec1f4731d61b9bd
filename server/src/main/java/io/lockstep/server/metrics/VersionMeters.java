package io.lockstep.server.metrics;

import io.lockstep.server.serving.CloseReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The meters of one model version, looked up once; made by {@link ServingMetrics}. */
public final class VersionMeters {

  private final Instruments instruments;
  private final Tags tags;
  private final DistributionSummary batchRows;
  private final DistributionSummary batchRequests;
  private final Timer batchDuration;
  private final Map<CloseReason, Counter> closes = new EnumMap<>(CloseReason.class);
  private final Counter validElements;
  private final Counter paddingElements;
  private final Counter cancelled;
  private final Counter expired;
  private final Counter faults;
  private final Counter queueFull;
  private final Counter sequencesFull;
  private final Counter sequenceUnknown;
  private final Counter sequencesStarted;
  private final Counter sequencesEnded;
  private final Counter sequencesExpired;
  private final Map<String, RequestMeters> requests = new ConcurrentHashMap<>(); // by protocol

  VersionMeters(Instruments instruments, Tags tags) {
    this.instruments = instruments;
    this.tags = tags;
    this.batchRows = instruments.summary(Meters.BATCH_ROWS, tags);
    this.batchRequests = instruments.summary(Meters.BATCH_REQUESTS, tags);
    this.batchDuration = instruments.timer(Meters.BATCH_DURATION, tags);
    for (CloseReason reason : CloseReason.values()) {
      closes.put(
          reason,
          instruments.counter(Meters.BATCH_CLOSES, tags.and(Meters.Label.REASON, reason.label())));
    }
    this.validElements = instruments.counter(Meters.VALID_ELEMENTS, tags);
    this.paddingElements = instruments.counter(Meters.PADDING_ELEMENTS, tags);
    this.cancelled = instruments.counter(Meters.CANCELLATIONS, tags);
    this.expired = instruments.counter(Meters.EXPIRATIONS, tags);
    this.faults = instruments.counter(Meters.FAULTS, tags);
    this.queueFull = rejections("queue_full");
    this.sequencesFull = rejections("too_many_sequences");
    this.sequenceUnknown = rejections("unknown_sequence");
    this.sequencesStarted = instruments.counter(Meters.SEQUENCES_STARTED, tags);
    this.sequencesEnded = instruments.counter(Meters.SEQUENCES_ENDED, tags);
    this.sequencesExpired = instruments.counter(Meters.SEQUENCES_EXPIRED, tags);
  }

  private Counter rejections(String reason) {
    return instruments.counter(Meters.REJECTIONS, tags.and(Meters.Label.REASON, reason));
  }

  /** A batch was closed and is about to run. */
  public void batchFormed(int rows, int members, CloseReason reason) {
    batchRows.record(rows);
    batchRequests.record(members);
    Objects.requireNonNull(closes.get(reason)).increment();
  }

  /** A batch was run: gathered, computed and copied out. */
  public void batchRun(long nanos) {
    batchDuration.record(nanos, TimeUnit.NANOSECONDS);
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

  /** A request's time ran out after it was admitted. */
  public void requestExpired() {
    expired.increment();
  }

  /** A run failed for a reason that is not a request's fault. */
  public void runFailed() {
    faults.increment();
  }

  /** A request was refused because the queue had no room for it. */
  public void queueWasFull() {
    queueFull.increment();
  }

  /** A request was to start a sequence when there were as many as may be. */
  public void sequencesWereFull() {
    sequencesFull.increment();
  }

  /** A request was a step of a sequence that is not there. */
  public void sequenceWasUnknown() {
    sequenceUnknown.increment();
  }

  /** The first step of a sequence was answered. */
  public void sequenceStarted() {
    sequencesStarted.increment();
  }

  /** The last step of a sequence was answered. */
  public void sequenceEnded() {
    sequencesEnded.increment();
  }

  /** A sequence was silent for too long. */
  public void sequenceExpired() {
    sequencesExpired.increment();
  }

  /** Requests that came through one protocol. */
  RequestMeters requests(String protocol) {
    RequestMeters meters = requests.get(protocol);
    return meters != null
        ? meters
        : requests.computeIfAbsent(
            protocol, p -> new RequestMeters(instruments, tags.and(Meters.Label.PROTOCOL, p)));
  }
}
