package io.lockstep.loadtest.search;

import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.Percentiles;
import io.lockstep.loadtest.report.StreamMeasurement;
import java.time.Duration;
import java.util.Locale;

/**
 * What a server must hold.
 *
 * @param of which of the times that clients wait
 * @param p99 the most that its 99th percentile may be
 */
public record LatencyTarget(Wait of, Duration p99) {

  private static final double NANOS_PER_MILLI = 1e6;

  /** A time that clients wait. */
  public enum Wait {
    /** For the whole answer, from the intended start. */
    ANSWER,
    /** For the first token of a stream, from the intended start. */
    FIRST_TOKEN,
    /** For the next token of a stream. */
    INTER_TOKEN;

    /** The percentiles of this time; all 0 where there are no streams. */
    public Percentiles in(Measurement measurement) {
      return switch (this) {
        case ANSWER -> measurement.latency();
        case FIRST_TOKEN ->
            measurement.stream().map(StreamMeasurement::firstToken).orElse(Percentiles.NONE);
        case INTER_TOKEN ->
            measurement.stream().map(StreamMeasurement::interToken).orElse(Percentiles.NONE);
      };
    }

    /** As people write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Milliseconds. */
  public double limit() {
    return p99.toNanos() / NANOS_PER_MILLI;
  }

  /** Whether the server kept up with the rate, and with the target. */
  public boolean isMet(Measurement measurement) {
    double p99 = of.in(measurement).p99();
    return measurement.sustained() && p99 > 0 && p99 <= limit();
  }
}
