package io.lockstep.loadtest;

import io.lockstep.loadtest.generator.Arrivals;
import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.LoadGenerator;
import io.lockstep.loadtest.generator.Stage;
import io.lockstep.loadtest.traffic.Scenario;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Option;

/** What is sent to a server, for how long. */
final class TrafficOptions {

  @Option(names = "--scenario", description = "one of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private Scenario scenario = Scenario.EMBEDDINGS;

  @Option(names = "--model", description = "which model (${DEFAULT-VALUE})")
  private String model = "minilm";

  @Option(
      names = "--arrivals",
      description = "of open loops: one of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private Arrivals arrivals = Arrivals.POISSON;

  @Option(names = "--seconds", description = "how long each load lasts (${DEFAULT-VALUE})")
  private int seconds = 10;

  @Option(
      names = "--warm-up",
      description = "seconds of load that do not count, before the first one (${DEFAULT-VALUE})")
  private int warmUp = 5;

  @Option(names = "--words", description = "of the longest text (${DEFAULT-VALUE})")
  private int words = 60;

  @Option(names = "--rows", description = "of each tensor (${DEFAULT-VALUE})")
  private int rows = 1;

  @Option(
      names = "--length",
      description = "of tensors, along every axis that allows any (${DEFAULT-VALUE})")
  private int length = 16;

  @Option(names = "--tokens", description = "of the longest streamed answer (${DEFAULT-VALUE})")
  private int tokens = 64;

  String model() {
    return model;
  }

  int seconds() {
    return seconds;
  }

  Traffic traffic(URI server) throws IOException {
    return scenario.of(server, model, new Scenario.Sizes(words, rows, length, tokens));
  }

  Load open(double perSecond) {
    return new Load.Open(arrivals, perSecond);
  }

  Stage stage(URI server, Traffic traffic, Load load, long seed) {
    return new Stage(server, traffic, load, Duration.ofSeconds(seconds), seed);
  }

  /** Brings a server's and the generator's JVM up to speed; nothing is noted. */
  void warmUp(URI server, Traffic traffic, Load load) {
    if (warmUp > 0) {
      LoadGenerator.run(new Stage(server, traffic, load, Duration.ofSeconds(warmUp), 0));
    }
  }

  String title() {
    return model + ", " + scenario.name().toLowerCase(Locale.ROOT);
  }
}
