package io.lockstep.loadtest;

import io.lockstep.loadtest.report.Knee;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.Report;
import io.lockstep.loadtest.report.ResultTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds the highest rate at which each of some servers keeps a latency. */
@Command(
    name = "knee",
    description = "Finds the highest rate at which a server keeps a latency, in open loops.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class KneeBench implements Callable<Integer> {

  @Option(
      names = "--url",
      required = true,
      description = "a server; give it again for others to compare with the first")
  private List<URI> servers = new ArrayList<>();

  @Mixin private KneeOptions options = new KneeOptions();

  @Option(
      names = "--out",
      description = "folder for report.html and result.json (${DEFAULT-VALUE})")
  private Path out = Path.of("target", "bench");

  @Override
  public Integer call() throws IOException {
    Instant start = Instant.now();
    List<Measurement> measurements = new ArrayList<>();
    List<Knee> knees = new ArrayList<>();
    List<String> conclusions = new ArrayList<>();
    System.out.println(ResultTable.head());
    for (URI server : servers) {
      KneeOptions.Found found =
          options.search(
              server.toString(), server, options.traffic().traffic(server), options.from());
      measurements.addAll(found.measurements());
      found.knee().ifPresent(knees::add);
      conclusions.add(
          found.knee().map(Knee::sentence).orElse(server + " held no rate that was tried."));
      conclusions.addAll(found.remarks());
    }
    Report report =
        Report.since(start, options.traffic().title(), conclusions, measurements, knees);
    report.conclusions().forEach(System.out::println);
    System.out.println("report: " + report.write(out).toAbsolutePath());
    return knees.size() == servers.size() ? 0 : 1;
  }
}
