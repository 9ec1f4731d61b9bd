package io.lockstep.loadtest.overhead;

import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.LoadGenerator;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.generator.Stage;
import io.lockstep.loadtest.process.Installation;
import io.lockstep.loadtest.process.ServerProcess;
import io.lockstep.loadtest.process.TemporaryFolder;
import io.lockstep.loadtest.report.Measurement;
import io.lockstep.loadtest.report.ResultTable;
import io.lockstep.loadtest.traffic.InputSignature;
import io.lockstep.loadtest.traffic.TensorTraffic;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Requests for a model that does nothing, beside requests to a bare handler and to a server that
 * measures nothing. Each runs in a JVM of its own with the same flags, and they take turns. What
 * counts is the processor time of their processes: it does not depend on how many cores the
 * generator left them.
 */
@Command(
    name = "overhead",
    description =
        "Starts a server with a model that does nothing and compares it with a bare handler.",
    mixinStandardHelpOptions = true)
public final class OverheadBench implements Callable<Integer> {

  @Option(names = "--clients", description = "at once (${DEFAULT-VALUE})")
  private int clients = 16;

  @Option(names = "--seconds", description = "of each round (${DEFAULT-VALUE})")
  private int seconds = 4;

  @Option(names = "--rounds", description = "of each load (${DEFAULT-VALUE})")
  private int rounds = 3;

  @Option(
      names = "--warm-up",
      description =
          "seconds of load for each server before the first round; less and the compilers' own"
              + " time is measured (${DEFAULT-VALUE})")
  private int warmUp = 30;

  /** One of the servers, with its requests and processor time so far. */
  private static final class Contender {

    private final String name;
    private final ServerProcess process;
    private final Traffic traffic;
    private final List<List<Sample>> samples = new ArrayList<>();
    private Duration processorTime = Duration.ZERO;

    private Contender(String name, ServerProcess process, Traffic traffic) {
      this.name = name;
      this.process = process;
      this.traffic = traffic;
    }

    /** One round; round 0 does not count. */
    private void run(Load load, Duration duration, int round) {
      Duration before = process.processorTime();
      List<Sample> sent =
          LoadGenerator.run(new Stage(process.url(), traffic, load, duration, round));
      if (round > 0) {
        samples.add(sent);
        processorTime = processorTime.plus(process.processorTime().minus(before));
      }
    }

    private void forget() {
      samples.clear();
      processorTime = Duration.ZERO;
    }

    private double requestsPerCore() {
      long answered =
          samples.stream()
              .flatMap(List::stream)
              .filter(sample -> sample.result() == Sample.Result.ANSWERED)
              .count();
      return answered / (processorTime.toNanos() / 1e9);
    }
  }

  @Override
  public Integer call() throws IOException {
    try (TemporaryFolder models = new TemporaryFolder("lockstep-overhead")) {
      IdentityModel.write(models.path());
      // Beside the repository, which serves every folder in it.
      Path settings = Files.createTempFile("lockstep-overhead", ".yaml");
      Files.writeString(settings, "metrics: { enabled: false }\n");
      try (ServerProcess server = Installation.serve(models.path());
          ServerProcess silent =
              Installation.serve(models.path(), "--config", settings.toString());
          ServerProcess bare = ServerProcess.start(Installation.jvmFlags(), bare())) {
        List<InputSignature> inputs = InputSignature.of(server.url(), IdentityModel.NAME);
        compare(
            List.of(
                new Contender("lockstep", server, tensors(IdentityModel.NAME, inputs)),
                new Contender("no metrics", silent, tensors(IdentityModel.NAME, inputs)),
                new Contender("bare, JSON", bare, tensors(BareServer.JSON, inputs)),
                new Contender("bare, constant", bare, tensors(BareServer.CONSTANT, inputs))));
      } finally {
        Files.delete(settings);
      }
    }
    return 0;
  }

  private static List<String> bare() {
    return List.of(
        "-cp",
        System.getProperty("java.class.path"),
        BareServer.class.getName(),
        ServerProcess.PORT);
  }

  private static Traffic tensors(String path, List<InputSignature> inputs) {
    return new TensorTraffic(path, inputs, 1, 1);
  }

  private void compare(List<Contender> contenders) {
    System.out.println(ResultTable.head());
    for (Contender contender : contenders) {
      contender.run(new Load.Closed(clients), Duration.ofSeconds(warmUp), 0);
    }
    for (int atOnce : new int[] {clients, 1}) {
      Load load = new Load.Closed(atOnce);
      contenders.forEach(Contender::forget);
      for (int round = 1; round <= rounds; round++) {
        for (Contender contender : contenders) {
          contender.run(load, Duration.ofSeconds(seconds), round);
        }
      }
      for (Contender contender : contenders) {
        Measurement measurement = Measurement.of(contender.name, load, seconds, contender.samples);
        System.out.printf(
            "%s   %.0f requests per core-second; lockstep answers %.2f of it%n",
            ResultTable.line(measurement),
            contender.requestsPerCore(),
            contenders.getFirst().requestsPerCore() / contender.requestsPerCore());
      }
    }
  }
}
