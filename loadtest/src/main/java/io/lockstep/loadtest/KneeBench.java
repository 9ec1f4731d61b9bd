package io.lockstep.loadtest;

import io.lockstep.loadtest.report.Knee;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.Report;
import io.lockstep.loadtest.report.ResultTable;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Finds the highest rate at which each of some servers keeps a latency. */
@Command(
    name = "knee",
    description = "Finds the highest rate at which a server keeps a latency, in open loops.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class KneeBench implements Callable<Integer> {

  @Mixin private ServerOptions chosen = new ServerOptions();

  @Mixin private KneeOptions options = new KneeOptions();

  @Mixin private ReportFolder folder = new ReportFolder();

  @Override
  public Integer call() throws IOException {
    List<URI> servers = chosen.servers();
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
    folder.take(report);
    return knees.size() == servers.size() ? 0 : 1;
  }
}
