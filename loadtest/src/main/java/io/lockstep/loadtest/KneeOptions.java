package io.lockstep.loadtest;

import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.LoadGenerator;
import io.lockstep.loadtest.report.Knee;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.ResultTable;
import io.lockstep.loadtest.search.KneeSearch;
import io.lockstep.loadtest.search.LatencyTarget;
import io.lockstep.loadtest.search.LatencyTarget.Wait;
import io.lockstep.loadtest.traffic.Traffic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the knee of a server is looked for, and the looking. */
final class KneeOptions {

  /** The generator is late by more than this share of the target: it is the one that is slow. */
  private static final double LATE_SHARE = 0.2;

  @Option(
      names = "--target-p99",
      required = true,
      converter = DurationText.class,
      description = "the most that the 99th percentile may be, such as 50ms")
  private Duration target = Duration.ZERO;

  @Option(
      names = "--wait",
      description =
          "of what: one of ${COMPLETION-CANDIDATES}; by default of the first token for streams,"
              + " and of the answer for others")
  private @Nullable Wait wait;

  @Option(names = "--from", description = "the first rate (${DEFAULT-VALUE})")
  private double from = 16;

  @Option(names = "--most", description = "the highest rate to try (${DEFAULT-VALUE})")
  private double most = 20_000;

  @Option(
      names = "--resolution",
      description = "where the search ends, as a share of the rate (${DEFAULT-VALUE})")
  private double resolution = 0.1;

  @Option(
      names = "--tries",
      description = "of a rate before it counts as too high (${DEFAULT-VALUE})")
  private int tries = 2;

  @Mixin private TrafficOptions traffic = new TrafficOptions();

  /** What a search found, with all that it measured on the way. */
  record Found(Optional<Knee> knee, List<Measurement> measurements, List<String> remarks) {}

  TrafficOptions traffic() {
    return traffic;
  }

  Duration targetP99() {
    return target;
  }

  double from() {
    return from;
  }

  LatencyTarget target(Traffic traffic) {
    Wait usual = traffic.isStreamed() ? Wait.FIRST_TOKEN : Wait.ANSWER;
    return new LatencyTarget(wait == null ? usual : wait, target);
  }

  /** Warms a server up at a rate and searches from there; prints every measurement. */
  Found search(String name, URI server, Traffic requests, double first) {
    LatencyTarget target = target(requests);
    KneeSearch search =
        new KneeSearch(
            first, new KneeSearch.Limits(Math.min(0.25, first), most, resolution, tries));
    traffic.warmUp(server, requests, traffic.open(first));
    List<Measurement> measurements = new ArrayList<>();
    Optional<Knee> knee = Optional.empty();
    for (OptionalDouble rate = search.next(); rate.isPresent(); rate = search.next()) {
      Load load = traffic.open(rate.getAsDouble());
      int seed = measurements.size() + 1;
      Measurement measurement =
          Measurement.of(
              name,
              load,
              traffic.seconds(),
              List.of(LoadGenerator.run(traffic.stage(server, requests, load, seed))));
      boolean isMet = target.isMet(measurement);
      System.out.println(ResultTable.line(measurement) + (isMet ? "  held" : "  missed"));
      measurements.add(measurement);
      search.measured(isMet);
      if (isMet) {
        knee = Optional.of(Knee.of(measurement, target.of().text(), target.limit()));
      }
    }
    return new Found(knee, measurements, remarks(search, measurements, target));
  }

  private List<String> remarks(
      KneeSearch search, List<Measurement> measurements, LatencyTarget target) {
    List<String> remarks = new ArrayList<>();
    if (!search.isBounded()) {
      remarks.add("No rate up to %.0f/s was too high: raise --most.".formatted(most));
    }
    if (measurements.stream().anyMatch(m -> m.lag().p99() > LATE_SHARE * target.limit())) {
      remarks.add(
          "The generator was late itself under some loads (column late): its machine is too busy,"
              + " and the knee may lie higher.");
    }
    return remarks;
  }
}
