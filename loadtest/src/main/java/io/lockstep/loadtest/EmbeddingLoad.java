package io.lockstep.loadtest;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sentences of mixed lengths to one or more servers. Several servers, such as one that batches and
 * one that does not, take turns, so that a machine whose speed drifts is fair to all of them.
 */
@Command(
    name = "embeddings",
    description = "Sends sentences of mixed lengths to /v1/embeddings, in a closed loop.",
    mixinStandardHelpOptions = true)
final class EmbeddingLoad implements Callable<Integer> {

  @Option(
      names = "--url",
      required = true,
      description = "a server; give it again for others to compare with the first")
  private List<URI> servers = new ArrayList<>();

  @Option(names = "--model", description = "which model (${DEFAULT-VALUE})")
  private String model = "minilm";

  @Option(names = "--clients", description = "how many at once (${DEFAULT-VALUE})")
  private int clients = 64;

  @Option(names = "--seconds", description = "how long each round takes (${DEFAULT-VALUE})")
  private int seconds = 5;

  @Option(names = "--rounds", description = "how often each server is measured (${DEFAULT-VALUE})")
  private int rounds = 3;

  @Option(names = "--words", description = "words of the longest sentence (${DEFAULT-VALUE})")
  private int words = 60;

  @Override
  public Integer call() throws InterruptedException {
    double[] totals = new double[servers.size()];
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < servers.size(); i++) {
        ClosedLoop.Outcome outcome =
            new ClosedLoop(servers.get(i), model).run(clients, Duration.ofSeconds(seconds), words);
        // The first round warms up and does not count.
        System.out.printf("%-28s %s%s%n", servers.get(i), outcome, round == 0 ? "   warm-up" : "");
        totals[i] += round == 0 ? 0 : outcome.requestsPerSecond();
      }
    }
    for (int i = 1; i < servers.size(); i++) {
      System.out.printf(
          "%s answers %.2f times the requests of %s%n",
          servers.getFirst(), totals[0] / totals[i], servers.get(i));
    }
    return 0;
  }
}
