package io.lockstep.loadtest.decode;

import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Tokens a second of language models with random weights, beside llama.cpp: the programs have the
 * same file loaded and take turns; the best of a few rounds counts for each, and so it does for the
 * bandwidth of memory, which is measured in turn with them.
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

  @Option(
      names = "--peers",
      split = ",",
      description = "builds of llama.cpp: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private List<Peer> peers = List.of(Peer.MAVEN);

  @Option(names = "--alone", description = "without llama.cpp")
  private boolean isAlone;

  @Mixin private RandomModelOptions models = new RandomModelOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    models.check();
    if (isAlone) {
      peers = List.of();
    }
    for (Peer peer : peers) {
      peer.prepare(models.folder());
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-8s %-5s %7s %-10s %9s %14s", "shape", "type", "threads", "", "lockstep", "of reads");
    peers.forEach(peer -> out.printf(" %9s %6s", peer.name().toLowerCase(Locale.ROOT), "ratio"));
    out.println();
    for (int count : threads) {
      for (String shape : shapes) {
        for (BlockFormat format : formats) {
          compare(out, ModelShape.of(shape), format, count);
        }
      }
    }
    return 0;
  }

  private void compare(PrintWriter out, ModelShape shape, BlockFormat format, int count)
      throws IOException {
    Path file = models.model(shape, format);
    List<Contender> contenders = new ArrayList<>();
    try {
      contenders.add(new LockstepContender(file, count));
      for (Peer peer : peers) {
        contenders.add(peer.load(models.folder(), file, count));
      }
      String start = "%-8s %-5s %7d ".formatted(shape.name(), format, count);
      row(out, start + "prefill", best(turns(contenders, one -> one.prefill(prompt))), "");
      List<DoubleSupplier> turns = turns(contenders, one -> one.decode(1, tokens));
      turns.add(() -> ReadBandwidth.measure(count));
      double[] decode = best(turns);
      // A step reads all weights but the embedding, of which it looks up a row.
      double readBytes = Files.size(file) * (1 - embeddingShare(shape));
      double bandwidth = decode[contenders.size()];
      String share =
          "%.0f %% of %.1f".formatted(100 * decode[0] * readBytes / bandwidth, bandwidth / 1e9);
      row(out, start + "one stream", Arrays.copyOf(decode, contenders.size()), share);
      row(
          out,
          start + "8 streams",
          best(turns(contenders, one -> one.decode(STREAMS, tokens))),
          "");
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  private static List<DoubleSupplier> turns(
      List<Contender> contenders, ToDoubleFunction<Contender> measurement) {
    List<DoubleSupplier> turns = new ArrayList<>();
    contenders.forEach(contender -> turns.add(() -> measurement.applyAsDouble(contender)));
    return turns;
  }

  /** The part of the weights that is the embedding. */
  private static double embeddingShare(ModelShape shape) {
    double embedding = 32_000.0 * shape.width();
    double layer =
        2.0 * shape.width() * (shape.width() + shape.kvWidth())
            + 3.0 * shape.width() * shape.feedForward();
    return embedding / (2 * embedding + shape.layers() * layer);
  }

  private double[] best(List<DoubleSupplier> turns) {
    double[] best = new double[turns.size()];
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < best.length; i++) {
        double value = turns.get(i).getAsDouble();
        best[i] = round == 0 ? 0 : Math.max(best[i], value);
      }
    }
    return best;
  }

  private static void row(PrintWriter out, String start, double[] best, String share) {
    out.printf(Locale.ROOT, "%-33s %9.1f %14s", start, best[0], share);
    for (int i = 1; i < best.length; i++) {
      out.printf(Locale.ROOT, " %9.1f %6.2f", best[i], best[0] / best[i]);
    }
    out.println();
    out.flush();
  }
}
