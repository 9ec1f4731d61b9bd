package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Rates of which more is better: what half, nine in ten and 99 in a hundred reach; 0 when there are
 * none.
 */
public record SlowestShare(
    @JsonProperty("p50") double median,
    @JsonProperty("p10") double slowestTenth,
    @JsonProperty("p1") double slowestHundredth) {

  static SlowestShare of(DoubleStream rates) {
    double[] sorted = rates.filter(Double::isFinite).toArray();
    Arrays.sort(sorted);
    return new SlowestShare(
        Percentiles.at(sorted, 0.50), Percentiles.at(sorted, 0.10), Percentiles.at(sorted, 0.01));
  }
}
