package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.generator.Sample.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The requests that ended in one second of a stage.
 *
 * @param second since its start
 */
public record TimelineSecond(
    long second,
    long answered,
    long rejected,
    long failed,
    @JsonProperty("p50_ms") double p50,
    @JsonProperty("p99_ms") double p99) {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  static List<TimelineSecond> all(List<Sample> samples) {
    Map<Long, List<Sample>> bySecond =
        samples.stream()
            .collect(
                Collectors.groupingBy(
                    sample -> sample.done() / NANOS_PER_SECOND, TreeMap::new, Collectors.toList()));
    List<TimelineSecond> timeline = new ArrayList<>();
    bySecond.forEach((second, ended) -> timeline.add(of(second, ended)));
    return List.copyOf(timeline);
  }

  private static TimelineSecond of(long second, List<Sample> ended) {
    Map<Result, Long> counts =
        ended.stream().collect(Collectors.groupingBy(Sample::result, Collectors.counting()));
    Percentiles latency =
        Percentiles.ofNanos(
            ended.stream()
                .filter(sample -> sample.result() == Result.ANSWERED)
                .mapToDouble(Sample::latency));
    return new TimelineSecond(
        second,
        counts.getOrDefault(Result.ANSWERED, 0L),
        counts.getOrDefault(Result.REJECTED, 0L),
        counts.getOrDefault(Result.FAILED, 0L),
        latency.p50(),
        latency.p99());
  }
}
