package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.generator.Sample.Result;
import java.util.List;
import java.util.Optional;

/**
 * What clients saw of one server under one load.
 *
 * @param server its address, or a name for its settings
 * @param clients of a closed loop
 * @param offeredPerSecond intended arrivals of an open loop
 * @param answered requests answered as asked; only these count as throughput
 * @param rejected requests refused for lack of room
 * @param failed requests that failed otherwise
 * @param seconds from the first intended start to the last answer, of all rounds together
 * @param latency of answered requests, from their intended start
 * @param lag by which the generator was late; counted in the latency
 * @param sustained whether the server kept up: everything answered, in the time it arrived
 * @param stream of streamed answers
 * @param timeline second by second, of the first round
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Measurement(
    String server,
    String load,
    Optional<Integer> clients,
    @JsonProperty("offered_per_second") Optional<Double> offeredPerSecond,
    int answered,
    int rejected,
    int failed,
    double seconds,
    @JsonProperty("answered_per_second") double answeredPerSecond,
    Percentiles latency,
    Percentiles lag,
    boolean sustained,
    Optional<StreamMeasurement> stream,
    List<TimelineSecond> timeline) {

  /** Answers to the last arrivals of a stage come after its end, which stretches its time a bit. */
  private static final double SUSTAINED_SHARE = 0.95;

  /**
   * The measurement of some rounds.
   *
   * @param rounds samples of each
   * @param stageSeconds how long arrivals went on in each
   */
  public static Measurement of(
      String server, Load load, double stageSeconds, List<List<Sample>> rounds) {
    List<Sample> all = rounds.stream().flatMap(List::stream).toList();
    List<Sample> answered = all.stream().filter(s -> s.result() == Result.ANSWERED).toList();
    double arriving = stageSeconds * rounds.size();
    double seconds = 0;
    for (List<Sample> round : rounds) {
      long last = round.stream().mapToLong(Sample::done).max().orElse(0);
      seconds += Math.max(stageSeconds, last / 1e9);
    }
    Percentiles latency = Percentiles.ofNanos(answered.stream().mapToDouble(Sample::latency));
    // The last arrivals have the time that an answer takes anyway.
    double serving = Math.max(arriving, seconds - rounds.size() * latency.p50() / 1e3);
    double offered = all.size() / arriving;
    return new Measurement(
        server,
        load.label(),
        load instanceof Load.Closed closed ? Optional.of(closed.clients()) : Optional.empty(),
        load instanceof Load.Open ? Optional.of(offered) : Optional.empty(),
        answered.size(),
        count(all, Result.REJECTED),
        count(all, Result.FAILED),
        seconds,
        answered.size() / seconds,
        latency,
        Percentiles.ofNanos(all.stream().mapToDouble(Sample::lag)),
        answered.size() == all.size()
            && (load instanceof Load.Closed
                || answered.size() / serving >= SUSTAINED_SHARE * offered),
        StreamMeasurement.of(answered, seconds),
        TimelineSecond.all(rounds.getFirst()));
  }

  private static int count(List<Sample> samples, Result result) {
    return (int) samples.stream().filter(sample -> sample.result() == result).count();
  }
}
