package io.lockstep.loadtest.start;

import io.lockstep.loadtest.process.Installation;
import io.lockstep.loadtest.process.ServerProcess;
import io.lockstep.loadtest.process.TemporaryFolder;
import io.lockstep.loadtest.traffic.Scenario;
import io.lockstep.loadtest.traffic.Scenario.Sizes;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Starts of a server with one embedding model, with the JVM's AOT cache and without in turn: time
 * and processor time until it is ready, and its first answer beside those that follow.
 */
@Command(
    name = "start",
    description = "Starts servers and measures how soon they answer, and how fast.",
    mixinStandardHelpOptions = true)
public final class StartBench implements Callable<Integer> {

  /** Of requests, which have a sentence of up to so many words. */
  private static final Sizes SIZES = new Sizes(12, 1, 1, 1);

  @Option(names = "--starts", description = "of each kind; medians count (${DEFAULT-VALUE})")
  private int starts = 5;

  @Option(
      names = "--requests",
      description =
          "to each server, one after the other; the second half is steady" + " (${DEFAULT-VALUE})")
  private int requests = 1000;

  @Option(names = "--model", description = "one that embeds texts (${DEFAULT-VALUE})")
  private String model = "minilm";

  @Option(names = "--models", description = "a folder with it; else the built-in ones")
  private @Nullable Path models;

  @Option(names = "--beside-others", description = "serve all models of the folder")
  private boolean isBesideOthers;

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * One start.
   *
   * @param readyMillis from starting the process to readiness
   * @param processorMillis that the process has used by then
   */
  private record Start(double readyMillis, double processorMillis, FirstAnswers answers) {}

  @Override
  public Integer call() throws IOException {
    Path repository = models == null ? Installation.builtInModels() : models;
    try (TemporaryFolder folder = new TemporaryFolder("lockstep-start")) {
      copy(repository, folder.path());
      compare(isBesideOthers ? repository : folder.path());
    }
    return 0;
  }

  private void copy(Path repository, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(repository.resolve(model))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(repository.relativize(file).toString()));
      }
    }
  }

  private void compare(Path repository) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<Start> cached = new ArrayList<>();
    List<Start> plain = new ArrayList<>();
    // The first one warms this process up, too.
    start(repository, false);
    for (int i = 0; i < starts; i++) {
      if (Installation.hasCache()) {
        cached.add(start(repository, true));
      }
      plain.add(start(repository, false));
    }
    out.printf(
        "%-18s %9s %9s | %9s %9s %6s | %9s %9s %6s%n",
        "", "ready ms", "cpu ms", "first ms", "steady ms", "ratio", "1st run", "steady", "ratio");
    line(out, "with AOT cache", cached);
    line(out, "without", plain);
  }

  private Start start(Path repository, boolean isCached) throws IOException {
    try (ServerProcess server =
        isCached ? Installation.serveCached(repository) : Installation.serve(repository)) {
      double processorMillis = server.processorTime().toNanos() / 1e6;
      Traffic traffic = Scenario.EMBEDDINGS.of(server.url(), model, SIZES);
      return new Start(
          server.readyAfter().toNanos() / 1e6,
          processorMillis,
          FirstAnswers.measure(server.url(), model, traffic, requests));
    }
  }

  private static void line(PrintWriter out, String name, List<Start> all) {
    if (all.isEmpty()) {
      out.printf("%-18s there is none%n", name);
      return;
    }
    out.printf(
        Locale.ROOT,
        "%-18s %9.0f %9.0f | %9.2f %9.2f %6.2f | %9.2f %9.2f %6.2f%n",
        name,
        median(all, Start::readyMillis),
        median(all, Start::processorMillis),
        median(all, start -> start.answers().firstMillis()),
        median(all, start -> start.answers().steadyMillis()),
        median(all, start -> start.answers().firstMillis() / start.answers().steadyMillis()),
        median(all, start -> start.answers().firstRunMillis()),
        median(all, start -> start.answers().steadyRunMillis()),
        median(all, start -> start.answers().firstRunMillis() / start.answers().steadyRunMillis()));
    out.flush();
  }

  private static double median(List<Start> all, ToDoubleFunction<Start> value) {
    double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
