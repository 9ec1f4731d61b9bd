package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * The highest rate that a server held.
 *
 * @param server as its measurements name it
 * @param offeredPerSecond that rate
 * @param answeredPerSecond at that rate
 * @param waitingFor which time of clients had a target
 * @param target of its 99th percentile, in milliseconds
 */
public record Knee(
    String server,
    @JsonProperty("offered_per_second") double offeredPerSecond,
    @JsonProperty("answered_per_second") double answeredPerSecond,
    @JsonProperty("waiting_for") String waitingFor,
    @JsonProperty("target_p99_ms") double target) {

  /** The knee that a measurement of an open loop showed. */
  public static Knee of(Measurement measurement, String waitingFor, double target) {
    return new Knee(
        measurement.server(),
        measurement.offeredPerSecond().orElseThrow(),
        measurement.answeredPerSecond(),
        waitingFor,
        target);
  }

  /** The knee as a sentence. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        "%s holds %.1f requests/s with a p99 of the %s up to %s ms.",
        server,
        offeredPerSecond,
        waitingFor,
        target == Math.rint(target) ? Long.toString((long) target) : Double.toString(target));
  }
}
