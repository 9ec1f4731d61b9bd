package io.lockstep.server;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphModel.MemoryUse;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code inspect}: says what a model is, without serving it. */
final class InspectCommand implements Command {

  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String description() {
    return "Shows what a model, a file or its folder, takes, gives, needs, and lacks support for.";
  }

  @Override
  public Options options() {
    return new Options();
  }

  @Override
  public String[] operands() {
    return new String[] {"MODEL"};
  }

  @Override
  public int run(CommandLine line, PrintWriter out, PrintWriter err) {
    Path file = file(Path.of(line.getArgList().getFirst()));
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException("there is no model file " + file);
    }
    try {
      if (ModelLoader.isDecoder(file)) {
        try (DecoderModel decoder = ModelLoader.loadDecoder(file, RuntimeOptions.defaults())) {
          print(decoder, out);
        }
      } else {
        try (GraphModel graph = ModelLoader.load(file, RuntimeOptions.defaults())) {
          print(graph, out);
        }
      }
      return 0;
    } catch (UnsupportedModelException unsupported) {
      out.println("unsupported  " + unsupported.getMessage());
      out.flush();
      return 1;
    }
  }

  private static Path file(Path model) {
    if (!Files.isDirectory(model)) {
      return model;
    }
    for (String name : List.of("model.gguf", "model.safetensors", "model.safetensors.index.json")) {
      if (Files.exists(model.resolve(name))) {
        return model.resolve(name);
      }
    }
    return model.resolve("model.onnx");
  }

  private static void print(DecoderModel decoder, PrintWriter out) {
    DecoderConfig config = decoder.config();
    int blocks = decoder.defaultCacheBlocks();
    section(
        out,
        "decoder",
        List.of(
            config.architecture()
                + ", "
                + config.layers()
                + " layers of "
                + config.width()
                + ", "
                + config.heads()
                + " heads on "
                + config.kvHeads()
                + " of keys and values, feed-forward "
                + config.feedForward()));
    section(out, "context", List.of(config.contextLength() + " positions"));
    section(
        out,
        "tokens",
        List.of(
            config.vocabulary() + ", a text ends with " + decoder.endTokens(),
            decoder.chatTemplate().isPresent() ? "with a chat template" : "no chat template"));
    section(out, "parameters", List.of(String.format(Locale.ROOT, "%,d", decoder.parameters())));
    section(
        out,
        "memory",
        List.of(
            "mapped " + mebibytes(decoder.fileBytes()),
            String.format(
                Locale.ROOT,
                "cache %s for %,d positions of all sequences, %,d bytes each",
                mebibytes(decoder.cacheBytes(blocks)),
                (long) blocks * BlockAllocator.SIZE,
                decoder.cacheBytes(1) / BlockAllocator.SIZE)));
    section(out, "unsupported", List.of("nothing"));
    out.flush();
  }

  private static void print(GraphModel graph, PrintWriter out) {
    section(out, "inputs", specs(graph.signature().inputs()));
    section(out, "outputs", specs(graph.signature().outputs()));
    section(
        out,
        "batching",
        List.of(
            graph.batchTraits().mode().name().toLowerCase(Locale.ROOT)
                + ": "
                + graph.batchTraits().reason()));
    section(
        out,
        "operators",
        List.of(
            graph.operators().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "))));
    section(out, "parameters", List.of(String.format(Locale.ROOT, "%,d", graph.parameters())));
    MemoryUse memory = graph.memory();
    section(
        out,
        "memory",
        List.of(
            "weights " + mebibytes(memory.weights()),
            "mapped " + mebibytes(memory.mapped()),
            "activations are added by each instance, by the shapes it runs"));
    section(out, "unsupported", List.of("nothing"));
    out.flush();
  }

  private static List<String> specs(List<TensorSpec> specs) {
    return specs.stream()
        .map(spec ->
            spec.name()
                + "  "
                + spec.dtype()
                + spec.dimensions().stream()
                    .map(Object::toString)
                    .collect(Collectors.joining(",", "[", "]")))
        .toList();
  }

  private static void section(PrintWriter out, String title, List<String> lines) {
    String heading = title;
    for (String line : lines) {
      out.printf("%-12s %s%n", heading, line);
      heading = "";
    }
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
