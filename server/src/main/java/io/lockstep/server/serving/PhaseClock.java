package io.lockstep.server.serving;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long a request spent in each phase. A stop watch: {@link #mark} says what the time since the
 * previous mark was spent on. The request is in one pair of hands at a time, and hand-offs go
 * through queues, so marks of different threads follow each other; a reader that gave up waiting
 * may see a mark more or less, never a torn value.
 */
public final class PhaseClock {

  private static final Phase[] PHASES = Phase.values();
  private static final long NANOS_PER_MICRO = 1000;
  private static final long MICROS_PER_MILLI = 1000;

  private final Ticker ticker;
  private final String requestId;
  private final long startNanos;
  private final AtomicLongArray nanos = new AtomicLongArray(PHASES.length);
  private volatile long lastMarkNanos;

  private PhaseClock(Ticker ticker, String requestId, long startNanos, long lastMarkNanos) {
    this.ticker = ticker;
    this.requestId = requestId;
    this.startNanos = startNanos;
    this.lastMarkNanos = lastMarkNanos;
  }

  /** A clock that starts now, which is the request's arrival. */
  public static PhaseClock start(Ticker ticker) {
    return start(ticker, "");
  }

  /** As {@link #start(Ticker)}, for the request of this id. */
  public static PhaseClock start(Ticker ticker, String requestId) {
    long now = ticker.nanos();
    return new PhaseClock(ticker, requestId, now, now);
  }

  /** The request that it times, as logs and traces name it; empty when it has no name. */
  public String requestId() {
    return requestId;
  }

  /** The time since the previous mark, or the start, was spent on {@code phase}. */
  public void mark(Phase phase) {
    mark(phase, ticker.nanos());
  }

  /** As {@link #mark(Phase)} with the time already read, for many requests of one batch. */
  public void mark(Phase phase, long nowNanos) {
    nanos.addAndGet(index(phase), Math.max(0, nowNanos - lastMarkNanos));
    lastMarkNanos = nowNanos;
  }

  /** Of the time that {@code from} took so far, this much was spent on {@code to}. */
  public void move(Phase from, Phase to, long spentNanos) {
    long moved = Math.min(spentNanos, nanos(from));
    nanos.addAndGet(index(from), -moved);
    nanos.addAndGet(index(to), moved);
  }

  /**
   * Takes over the phases of {@code part}, which ran in parallel to others on behalf of this
   * request and finished last, and goes on from there.
   */
  public void join(PhaseClock part) {
    for (int i = 0; i < PHASES.length; i++) {
      nanos.addAndGet(i, part.nanos.get(i));
    }
    lastMarkNanos = part.lastMarkNanos;
  }

  /** A clock for a part of this request: of the same arrival, with no phase passed yet. */
  public PhaseClock fork() {
    return new PhaseClock(ticker, requestId, startNanos, lastMarkNanos);
  }

  public long nanos(Phase phase) {
    return nanos.get(index(phase));
  }

  /** The request's arrival, in the ticker's time. */
  public long startNanos() {
    return startNanos;
  }

  /** The ticker's time. */
  public long nowNanos() {
    return ticker.nanos();
  }

  /** From arrival to the last mark. */
  public long totalNanos() {
    return lastMarkNanos - startNanos;
  }

  /** What the phase under way has taken so far. */
  public long sinceMarkNanos() {
    return ticker.nanos() - lastMarkNanos;
  }

  /**
   * The value of a {@code Server-Timing} header: each phase passed so far with its milliseconds,
   * and the total, for example {@code parse;dur=0.120, infer;dur=3.400, total;dur=3.530}.
   */
  public String serverTiming() {
    StringBuilder header = new StringBuilder(160);
    for (Phase phase : PHASES) {
      long spent = nanos(phase);
      if (spent > 0) {
        append(header, phase.label(), spent).append(", ");
      }
    }
    return append(header, "total", totalNanos()).toString();
  }

  private static StringBuilder append(StringBuilder header, String label, long spentNanos) {
    // By hand: every answer has several of them, and a Formatter takes longer than some models.
    long micros = (spentNanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
    long fraction = micros % MICROS_PER_MILLI;
    header.append(label).append(";dur=").append(micros / MICROS_PER_MILLI).append('.');
    return header.append(fraction < 10 ? "00" : fraction < 100 ? "0" : "").append(fraction);
  }

  @SuppressWarnings("EnumOrdinal") // an index into a private array that never leaves the process
  private static int index(Phase phase) {
    return phase.ordinal();
  }
}
