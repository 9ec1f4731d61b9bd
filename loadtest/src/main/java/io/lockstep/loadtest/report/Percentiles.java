package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Percentiles of some times in milliseconds; all 0 when there are none. */
public record Percentiles(
    @JsonProperty("p50_ms") double p50,
    @JsonProperty("p90_ms") double p90,
    @JsonProperty("p99_ms") double p99,
    @JsonProperty("p99_9_ms") double p999,
    @JsonProperty("max_ms") double max) {

  /** Of no times at all. */
  public static final Percentiles NONE = new Percentiles(0, 0, 0, 0, 0);

  private static final double NANOS_PER_MILLI = 1e6;

  /** Of times in nanoseconds. */
  public static Percentiles ofNanos(DoubleStream nanos) {
    double[] sorted = nanos.map(value -> value / NANOS_PER_MILLI).toArray();
    Arrays.sort(sorted);
    return new Percentiles(
        at(sorted, 0.50), at(sorted, 0.90), at(sorted, 0.99), at(sorted, 0.999), at(sorted, 1));
  }

  /** The smallest value that at least {@code share} of all do not exceed. */
  static double at(double[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted.length == 0 ? 0 : sorted[Math.max(0, rank - 1)];
  }
}
