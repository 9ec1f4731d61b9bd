package io.lockstep.loadtest;

import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.LoadGenerator;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.Report;
import io.lockstep.loadtest.report.ResultTable;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Loads one or more servers. Several servers, such as one that batches and one that does not, take
 * turns at each load, so that a machine whose speed drifts is fair to all of them.
 */
@Command(
    name = "http",
    description = "Sends requests at given rates, or from given numbers of clients.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class HttpBench implements Callable<Integer> {

  @Mixin private ServerOptions chosen = new ServerOptions();

  @Option(names = "--rates", split = ",", description = "open loops: requests a second, in turn")
  private List<Double> rates = new ArrayList<>();

  @Option(names = "--clients", split = ",", description = "closed loops: clients at once, in turn")
  private List<Integer> clients = new ArrayList<>();

  @Option(names = "--rounds", description = "how often each load is measured (${DEFAULT-VALUE})")
  private int rounds = 1;

  @Mixin private TrafficOptions options = new TrafficOptions();

  @Mixin private ReportFolder folder = new ReportFolder();

  @Override
  public Integer call() throws IOException {
    List<URI> servers = chosen.servers();
    List<Load> loads = loads();
    List<Traffic> traffic = new ArrayList<>();
    for (URI server : servers) {
      traffic.add(options.traffic(server));
    }
    Instant start = Instant.now();
    for (int i = 0; i < servers.size(); i++) {
      options.warmUp(servers.get(i), traffic.get(i), loads.getFirst());
    }
    System.out.println(ResultTable.head());
    List<Measurement> measurements = new ArrayList<>();
    for (Load load : loads) {
      for (Measurement measurement : measure(load, traffic)) {
        System.out.println(ResultTable.line(measurement));
        measurements.add(measurement);
      }
    }
    Report report =
        Report.since(start, options.title(), comparison(measurements), measurements, List.of());
    folder.take(report);
    return measurements.stream().allMatch(measurement -> measurement.failed() == 0) ? 0 : 1;
  }

  private List<Load> loads() {
    List<Load> loads = new ArrayList<>();
    rates.forEach(rate -> loads.add(options.open(rate)));
    clients.forEach(count -> loads.add(new Load.Closed(count)));
    if (loads.isEmpty()) {
      throw new ParameterException(new CommandLine(this), "give --rates or --clients, or both");
    }
    return loads;
  }

  /** All servers under one load, in turns. */
  private List<Measurement> measure(Load load, List<Traffic> traffic) {
    List<URI> servers = chosen.servers();
    List<List<List<Sample>>> samples = new ArrayList<>(); // of each server, of each round
    servers.forEach(_ -> samples.add(new ArrayList<>()));
    for (int round = 1; round <= rounds; round++) {
      for (int i = 0; i < servers.size(); i++) {
        samples
            .get(i)
            .add(LoadGenerator.run(options.stage(servers.get(i), traffic.get(i), load, round)));
      }
    }
    List<Measurement> measurements = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      measurements.add(
          Measurement.of(servers.get(i).toString(), load, options.seconds(), samples.get(i)));
    }
    return measurements;
  }

  /** How many times the answers of each other server the first one gives, under the last load. */
  private List<String> comparison(List<Measurement> measurements) {
    List<String> sentences = new ArrayList<>();
    List<Measurement> last =
        measurements.subList(measurements.size() - chosen.servers().size(), measurements.size());
    for (Measurement other : last.subList(1, last.size())) {
      if (other.answered() > 0) {
        sentences.add(
            "With %s, %s answers %.2f times the requests of %s."
                .formatted(
                    other.load(),
                    last.getFirst().server(),
                    last.getFirst().answeredPerSecond() / other.answeredPerSecond(),
                    other.server()));
      }
    }
    return sentences;
  }
}
