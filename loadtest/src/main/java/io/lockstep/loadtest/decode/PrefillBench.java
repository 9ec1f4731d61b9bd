package io.lockstep.loadtest.decode;

import io.lockstep.loadtest.process.Installation;
import io.lockstep.loadtest.process.ServerProcess;
import io.lockstep.loadtest.report.Percentiles;
import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What a long prompt does to everybody else: texts run, a long prompt comes, and while it is
 * computed others ask short questions. Measured from outside, over HTTP. Every text that runs has a
 * token in every step, so its tokens count the steps.
 */
@Command(
    name = "prefill",
    description = "Measures running texts, and others' first tokens, under a long prompt.",
    mixinStandardHelpOptions = true)
public final class PrefillBench implements Callable<Integer> {

  static final String MODEL = "random";

  /** Tokens of each text before anything is measured. */
  private static final int WARM_TOKENS = 10;

  private static final int SHORT_PROMPT = 16;
  private static final int ENDLESS = 3000;

  /** Token ids of prompts, of a vocabulary of 32,000: those before are special. */
  private static final int FIRST_ID = 3;

  private static final int LAST_ID = 30_000;

  @Option(names = "--shape", description = "width x layers (${DEFAULT-VALUE})")
  private String shape = "1024x24";

  @Option(names = "--format", description = "of weights (${DEFAULT-VALUE})")
  private BlockFormat format = BlockFormat.Q8_0;

  @Option(names = "--streams", description = "texts that run (${DEFAULT-VALUE})")
  private int streams = 4;

  @Option(names = "--prompt", description = "tokens of the long prompt (${DEFAULT-VALUE})")
  private int prompt = 2000;

  @Option(names = "--calm", description = "tokens of each text before it comes (${DEFAULT-VALUE})")
  private int calm = 60;

  @Option(
      names = "--step-tokens",
      split = ",",
      description = "generation.step_tokens of the server (${DEFAULT-VALUE})")
  private List<Integer> stepTokens = List.of(256, 64);

  @Mixin private RandomModelOptions options = new RandomModelOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** One text that asks while the long prompt is computed. */
  private record Visit(long nanos, int steps) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    Path file = options.model(ModelShape.of(shape), format);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s %s, %d texts run, a prompt of %d tokens comes; times in ms%n",
        shape, format, streams, prompt);
    out.printf(
        "%11s | %8s %8s | %8s %8s | %11s | %7s %10s %10s%n",
        "step_tokens",
        "gap p50",
        "p99",
        "under it",
        "p99",
        "first token",
        "others",
        "first p50",
        "most steps");
    for (int tokens : stepTokens) {
      Path models = Files.createTempDirectory(options.folder(), "prefill");
      try {
        Path version = Files.createDirectories(models.resolve(MODEL).resolve("1"));
        Files.createLink(version.resolve("model.gguf"), file);
        Files.writeString(
            models.resolve(MODEL).resolve("model.yaml"),
            "generation: { kv_cache: 1GiB, step_tokens: %d }\n".formatted(tokens));
        try (ServerProcess server = Installation.serve(models);
            HttpClient client = HttpClient.newHttpClient()) {
          measure(out, tokens, server, client);
          client.shutdownNow();
        }
      } finally {
        delete(models);
      }
    }
    return 0;
  }

  private void measure(PrintWriter out, int step, ServerProcess server, HttpClient client)
      throws InterruptedException {
    Random random = new Random(1);
    List<TokenStream> running = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      running.add(TokenStream.start(client, server.url(), ids(random, SHORT_PROMPT), ENDLESS));
    }
    for (TokenStream text : running) {
      text.await(WARM_TOKENS);
    }
    final long calmFrom = System.nanoTime();
    TokenStream clock = running.getFirst();
    clock.await(clock.tokens() + calm);
    TokenStream large = TokenStream.start(client, server.url(), ids(random, prompt), 1);
    clock.await(clock.tokens() + 1);
    List<TokenStream> visitors = new ArrayList<>();
    while (large.tokens() == 0) {
      TokenStream visitor = TokenStream.start(client, server.url(), ids(random, SHORT_PROMPT), 1);
      visitor.await(1);
      visitors.add(visitor);
    }
    clock.await(clock.tokens() + 1);
    report(out, step, running, new Moments(calmFrom, large), visitors);
  }

  /** When it was calm, and the long prompt that ended the calm. */
  private record Moments(long calmFrom, TokenStream large) {}

  private static void report(
      PrintWriter out,
      int step,
      List<TokenStream> running,
      Moments moments,
      List<TokenStream> visitors) {
    long from = moments.large().sentNanos();
    long to = moments.large().firstNanos();
    Percentiles before = gaps(running, moments.calmFrom(), from);
    Percentiles under = gaps(running, from, to);
    // Tokens of one step reach their readers at slightly different times, but closer to each other
    // than to those of the next step, even of the quick ones that follow the long prompt.
    long slack = (long) (before.p50() * 1e6 / 4);
    List<Visit> visits =
        visitors.stream()
            .filter(visitor -> visitor.firstNanos() - to <= 0)
            .map(visitor ->
                new Visit(
                    visitor.firstNanos() - visitor.sentNanos(),
                    running
                        .getFirst()
                        .tokensWithin(visitor.sentNanos(), visitor.firstNanos() + slack)))
            .toList();
    out.printf(
        Locale.ROOT,
        "%11d | %8.1f %8.1f | %8.1f %8.1f | %11.0f | %7d %10.1f %10d%n",
        step,
        before.p50(),
        before.p99(),
        under.p50(),
        under.p99(),
        (to - from) / 1e6,
        visits.size(),
        Percentiles.ofNanos(visits.stream().mapToDouble(Visit::nanos)).p50(),
        visits.stream().mapToInt(Visit::steps).max().orElse(0));
    out.flush();
  }

  private static Percentiles gaps(List<TokenStream> running, long from, long to) {
    return Percentiles.ofNanos(
        running.stream().flatMapToLong(text -> text.gaps(from, to)).asDoubleStream());
  }

  private static int[] ids(Random random, int count) {
    return random.ints(count, FIRST_ID, LAST_ID).toArray();
  }

  private static void delete(Path models) throws IOException {
    try (Stream<Path> files = Files.walk(models)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
