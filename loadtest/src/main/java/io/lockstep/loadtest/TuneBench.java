package io.lockstep.loadtest;

import io.lockstep.loadtest.process.Installation;
import io.lockstep.loadtest.process.ServerProcess;
import io.lockstep.loadtest.process.TemporaryFolder;
import io.lockstep.loadtest.report.Knee;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.Percentiles;
import io.lockstep.loadtest.report.Report;
import io.lockstep.loadtest.report.ResultTable;
import io.lockstep.loadtest.search.BatchSettings;
import io.lockstep.loadtest.search.TuneSearch;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds how a model should batch, by starting a server for each setting. */
@Command(
    name = "tune",
    description =
        "Finds the max_batch_size and max_queue_delay with which a model answers the most"
            + " requests within a latency; starts its own servers.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TuneBench implements Callable<Integer> {

  @Option(names = "--models", description = "a repository; the built-in one by default")
  private @Nullable Path models;

  @Option(names = "--sizes", split = ",", description = "to try, ascending (${DEFAULT-VALUE})")
  private List<Integer> sizes = List.of(1, 2, 4, 8, 16, 32, 64);

  @Option(
      names = "--delays",
      split = ",",
      converter = DurationText.class,
      description = "to try beside none, ascending; a 25th, a 10th and a 4th of the target else")
  private List<Duration> delays = new ArrayList<>();

  @Option(
      names = "--worth",
      description = "the share by which a better rate must be higher (${DEFAULT-VALUE})")
  private double worth = 0.05;

  @Mixin private KneeOptions options = new KneeOptions();

  @Mixin private ReportFolder folder = new ReportFolder();

  /** What a setting achieves. */
  private record Line(BatchSettings settings, KneeOptions.Found found, double rowsOfARun) {

    private double knee() {
      return found.knee().map(Knee::offeredPerSecond).orElse(0.0);
    }
  }

  @Override
  public Integer call() throws IOException {
    Instant start = Instant.now();
    TuneSearch search = new TuneSearch(new TuneSearch.Ladders(sizes, delays(), worth, 2));
    List<Line> lines = new ArrayList<>();
    System.out.println(ResultTable.head());
    double from = options.from();
    for (Optional<BatchSettings> next = search.next(); next.isPresent(); next = search.next()) {
      Line line = measure(next.get(), from);
      lines.add(line);
      search.measured(line.knee());
      from = line.knee() > 0 ? line.knee() : from;
    }
    List<String> conclusions = conclusions(search.best(), lines);
    Report report =
        Report.since(
            start,
            options.traffic().title(),
            conclusions,
            lines.stream().flatMap(line -> line.found().measurements().stream()).toList(),
            lines.stream().flatMap(line -> line.found().knee().stream()).toList());
    print(lines);
    folder.take(report);
    return search.best().isPresent() ? 0 : 1;
  }

  private List<Duration> delays() {
    if (!delays.isEmpty()) {
      return delays;
    }
    Duration target = options.targetP99();
    return List.of(target.dividedBy(25), target.dividedBy(10), target.dividedBy(4));
  }

  private Line measure(BatchSettings settings, double from) throws IOException {
    String model = options.traffic().model();
    try (TemporaryFolder folder = new TemporaryFolder("lockstep-tune")) {
      Path repository = models == null ? Installation.builtInModels() : models;
      TunedModel.write(repository, model, settings, folder.path());
      try (ServerProcess server = Installation.serve(folder.path())) {
        Traffic traffic = options.traffic().traffic(server.url());
        KneeOptions.Found found = options.search(name(settings), server.url(), traffic, from);
        return new Line(settings, found, RunCounts.of(server.url(), model).rowsOfARun());
      }
    }
  }

  private static String name(BatchSettings settings) {
    return "size %d, delay %s".formatted(settings.maxBatchSize(), settings.delayText());
  }

  private static void print(List<Line> lines) {
    System.out.printf(
        "%n%14s %15s %10s %8s %8s %9s%n",
        "max_batch_size", "max_queue_delay", "knee req/s", "p50 ms", "p99 ms", "rows/run");
    for (Line line : lines) {
      Percentiles latency = atTheKnee(line.found());
      System.out.printf(
          Locale.ROOT,
          "%14d %15s %10.1f %8.1f %8.1f %9.1f%n",
          line.settings().maxBatchSize(),
          line.settings().delayText(),
          line.knee(),
          latency.p50(),
          latency.p99(),
          line.rowsOfARun());
    }
  }

  private static Percentiles atTheKnee(KneeOptions.Found found) {
    return found.measurements().stream()
        .filter(measurement ->
            measurement.offeredPerSecond().equals(found.knee().map(Knee::offeredPerSecond)))
        .map(Measurement::latency)
        .reduce((_, last) -> last)
        .orElse(Percentiles.NONE);
  }

  private List<String> conclusions(Optional<BatchSettings> best, List<Line> lines) {
    List<String> conclusions = new ArrayList<>();
    lines.forEach(line ->
        line.found().remarks().stream()
            .filter(remark -> !conclusions.contains(remark))
            .forEach(conclusions::add));
    conclusions.add(
        best.map(settings ->
                """
                In %s/model.yaml:
                batching:
                  max_batch_size: %d
                  max_queue_delay: %s\
                """
                    .formatted(
                        options.traffic().model(), settings.maxBatchSize(), settings.delayText()))
            .orElse("No setting held any rate: the target is below what the model takes."));
    return conclusions;
  }
}
