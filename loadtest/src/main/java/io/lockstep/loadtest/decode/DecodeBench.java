package io.lockstep.loadtest.decode;

import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Tokens a second of language models with random weights, beside llama.cpp: both programs have the
 * same file loaded and take turns; the best of a few rounds counts for either.
 */
@Command(
    name = "decode",
    description = "Measures language models in the engine, beside llama.cpp.",
    mixinStandardHelpOptions = true)
public final class DecodeBench implements Callable<Integer> {

  private static final int STREAMS = 8;

  @Option(names = "--shapes", split = ",", description = "width x layers (${DEFAULT-VALUE})")
  private List<String> shapes = List.of("768x12", "1024x24", "2048x22");

  @Option(names = "--formats", split = ",", description = "of weights (${DEFAULT-VALUE})")
  private List<BlockFormat> formats = List.of(BlockFormat.Q8_0, BlockFormat.Q4_0, BlockFormat.Q4_K);

  @Option(names = "--threads", split = ",", description = "(${DEFAULT-VALUE})")
  private List<Integer> threads = List.of(1, 2);

  @Option(names = "--prompt", description = "tokens of a prompt (${DEFAULT-VALUE})")
  private int prompt = 512;

  @Option(names = "--tokens", description = "tokens that follow (${DEFAULT-VALUE})")
  private int tokens = 32;

  @Option(names = "--rounds", description = "after one that warms up (${DEFAULT-VALUE})")
  private int rounds = 3;

  @Option(names = "--alone", description = "without llama.cpp")
  private boolean isAlone;

  @Mixin private RandomModelOptions models = new RandomModelOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    models.check();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-8s %-5s %7s %-12s %10s %10s %6s %9s%n",
        "shape", "type", "threads", "", "lockstep", "llama.cpp", "ratio", "of reads");
    for (int count : threads) {
      double bandwidth = ReadBandwidth.measure(count);
      out.printf(Locale.ROOT, "%d threads read %.1f GB/s%n", count, bandwidth / 1e9);
      for (String shape : shapes) {
        for (BlockFormat format : formats) {
          Path file = models.model(ModelShape.of(shape), format);
          compare(out, ModelShape.of(shape), format, count, file, bandwidth);
        }
      }
    }
    return 0;
  }

  private void compare(
      PrintWriter out, ModelShape shape, BlockFormat format, int count, Path file, double bandwidth)
      throws IOException {
    List<Contender> contenders = new ArrayList<>();
    try {
      contenders.add(new LockstepContender(file, count));
      if (!isAlone) {
        contenders.add(new LlamaContender(file, count));
      }
      String start = "%-8s %-5s %7d ".formatted(shape.name(), format, count);
      double[] prefill = best(contenders, contender -> contender.prefill(prompt));
      row(out, start + "prefill", prefill, 0);
      double[] decode = best(contenders, contender -> contender.decode(1, tokens));
      // A step reads all weights but the embedding, of which it looks up a row.
      double readBytes = Files.size(file) * (1 - embeddingShare(shape));
      row(out, start + "one stream", decode, decode[0] * readBytes / bandwidth);
      double[] streams = best(contenders, contender -> contender.decode(STREAMS, tokens));
      row(out, start + "8 streams", streams, 0);
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  /** The part of the weights that is the embedding. */
  private static double embeddingShare(ModelShape shape) {
    double embedding = 32_000.0 * shape.width();
    double layer =
        2.0 * shape.width() * (shape.width() + shape.kvWidth())
            + 3.0 * shape.width() * shape.feedForward();
    return embedding / (2 * embedding + shape.layers() * layer);
  }

  private double[] best(List<Contender> contenders, ToDoubleFunction<Contender> measurement) {
    double[] best = new double[contenders.size()];
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < best.length; i++) {
        double value = measurement.applyAsDouble(contenders.get(i));
        best[i] = round == 0 ? 0 : Math.max(best[i], value);
      }
    }
    return best;
  }

  private static void row(PrintWriter out, String start, double[] best, double share) {
    boolean isCompared = best.length > 1;
    out.printf(
        Locale.ROOT,
        "%-35s %10.1f %10s %6s %9s%n",
        start,
        best[0],
        isCompared ? "%.1f".formatted(best[1]) : "-",
        isCompared ? "%.2f".formatted(best[0] / best[1]) : "-",
        share > 0 ? "%.0f %%".formatted(100 * share) : "");
    out.flush();
  }
}
