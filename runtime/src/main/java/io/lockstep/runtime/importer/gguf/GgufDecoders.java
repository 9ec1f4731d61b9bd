package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderStyle;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.decoder.RopeConfig;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.DecoderTensors;
import io.lockstep.runtime.importer.ImportedDecoder;
import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.importer.TensorRole;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes decoders of GGUF files: their configuration, architecture by architecture. */
public final class GgufDecoders {

  private static final String EMBEDDING = "token_embd.weight";

  /** Divisors of angles for contexts up to the one first trained for, and beyond. */
  private static final String SHORT_FACTORS = "rope_factors_short";

  private static final String LONG_FACTORS = "rope_factors_long";

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final String name;
  private final GgufArchitecture architecture;

  private GgufDecoders(GgufFile file, String name, GgufArchitecture architecture) {
    this.file = file;
    this.metadata = file.metadata();
    this.name = name;
    this.architecture = architecture;
  }

  /**
   * Opens a decoder.
   *
   * @throws InvalidModelException when the file is damaged
   * @throws UnsupportedModelException when the model needs what is not there; lists all of it
   */
  public static ImportedDecoder open(Path path) {
    GgufFile file = GgufFile.open(path);
    try {
      return open(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static ImportedDecoder open(GgufFile file) {
    String name =
        file.metadata()
            .string("general.architecture")
            .orElseThrow(() -> new InvalidModelException("the file names no architecture"));
    refuseUnsupported(file.metadata(), name);
    GgufArchitecture architecture = GgufArchitecture.of(name).orElseThrow();
    GgufDecoders reader = new GgufDecoders(file, name, architecture);
    DecoderConfig config = reader.config();
    return new ImportedDecoder(
        config,
        reader.weights(config),
        () -> GgufTokenizers.read(file.metadata()),
        GgufConversations.read(file.metadata()),
        file.bytes(),
        file::close);
  }

  private static void refuseUnsupported(GgufMetadata metadata, String name) {
    List<String> missing = new ArrayList<>();
    if (GgufArchitecture.of(name).isEmpty()) {
      String supported =
          Stream.of(GgufArchitecture.values())
              .map(GgufArchitecture::label)
              .collect(Collectors.joining(", "));
      missing.add("architecture '" + name + "' (supported: " + supported + ")");
    }
    String scaling = metadata.string(name + ".rope.scaling.type").orElse("none");
    if (!Set.of("none", "linear", "yarn", "longrope").contains(scaling)) {
      missing.add("rope scaling '" + scaling + "'");
    }
    if (metadata.integer(name + ".expert_count").orElse(0L) > 0) {
      missing.add("mixtures of experts");
    }
    if (!missing.isEmpty()) {
      throw new UnsupportedModelException("not supported: " + String.join("; ", missing));
    }
  }

  private DecoderWeights weights(DecoderConfig config) {
    Map<TensorRole, String> names = architecture.names();
    Set<String> ignored = new HashSet<>();
    if (file.tensor(LONG_FACTORS + ".weight").isPresent()) {
      names.put(TensorRole.ROPE_FACTORS, isLong() ? LONG_FACTORS : SHORT_FACTORS);
      ignored.add((isLong() ? SHORT_FACTORS : LONG_FACTORS) + ".weight");
    }
    return new DecoderTensors(file, names, config).weights(ignored);
  }

  /** Whether the context is longer than the one first trained for. */
  private boolean isLong() {
    return required("context_length")
        > optional("rope.scaling.original_context_length").orElse(Integer.MAX_VALUE);
  }

  private DecoderConfig config() {
    int width = required("embedding_length");
    int heads = required("attention.head_count");
    int kvHeads = optional("attention.head_count_kv").orElse(heads);
    int headSize = optional("attention.key_length").orElse(width / Math.max(1, heads));
    if (optional("attention.value_length").orElse(headSize) != headSize) {
      throw new UnsupportedModelException("values of another size than keys are not supported");
    }
    ModelTensor embedding =
        file.tensor(EMBEDDING)
            .orElseThrow(() -> new InvalidModelException("the file has no token embedding"));
    boolean normalizesMean = architecture == GgufArchitecture.GPT2;
    String epsilon = "attention.layer_norm_" + (normalizesMean ? "epsilon" : "rms_epsilon");
    RopeConfig rope = rope(headSize);
    return new DecoderConfig(
        name,
        required("context_length"),
        width,
        required("block_count"),
        heads,
        kvHeads,
        headSize,
        required("feed_forward_length"),
        Math.toIntExact(embedding.extents().getFirst()),
        metadata.number(key(epsilon)).orElseThrow(() -> absent(epsilon)).floatValue(),
        rope,
        style(width, headSize, rope));
  }

  private DecoderStyle style(int width, int headSize, RopeConfig rope) {
    UnaryFunction activation =
        switch (architecture) {
          case LLAMA, QWEN2, QWEN3, PHI3 -> UnaryFunction.SWISH;
          case GEMMA2, GEMMA3, GPT2 -> UnaryFunction.GELU_TANH;
        };
    // Gemma: every second layer of the second generation, every sixth of the third sees everything.
    int period =
        switch (architecture) {
          case LLAMA, QWEN2, QWEN3, PHI3, GPT2 -> 0;
          case GEMMA2 -> 2;
          case GEMMA3 -> 6;
        };
    RopeConfig windowRope =
        architecture == GgufArchitecture.GEMMA3
            ? new RopeConfig(rope.size(), 10_000, false, new RopeConfig.Linear(1), 1)
            : rope;
    return new DecoderStyle(
        architecture == GgufArchitecture.GPT2,
        activation,
        architecture.isGemma() ? (float) Math.sqrt(width) : 1,
        (float) (1 / Math.sqrt(attentionDivisor(width, headSize))),
        number("attn_logit_softcapping", 0).floatValue(),
        number("final_logit_softcapping", 0).floatValue(),
        optional("attention.sliding_window").orElse(0),
        period,
        windowRope);
  }

  /**
   * Queries are scaled by the head size; in the 27 billion parameters of Gemma by width / heads.
   */
  private int attentionDivisor(int width, int headSize) {
    int layers = required("block_count");
    boolean isLargest =
        (architecture == GgufArchitecture.GEMMA2 && layers == 46)
            || (architecture == GgufArchitecture.GEMMA3 && layers == 62);
    return isLargest ? width / required("attention.head_count") : headSize;
  }

  private RopeConfig rope(int headSize) {
    if (architecture == GgufArchitecture.GPT2) {
      return RopeConfig.NONE;
    }
    double factor = Math.max(1e-6, number("rope.scaling.factor", 1));
    int size = optional("rope.dimension_count").orElse(headSize);
    double base = number("rope.freq_base", 10_000);
    boolean isInterleaved = architecture == GgufArchitecture.LLAMA;
    RopeConfig.Scaling scaling = new RopeConfig.Linear(1);
    double magnitude = 1;
    switch (metadata.string(key("rope.scaling.type")).orElse("none")) {
      case "linear" -> scaling = new RopeConfig.Linear(factor);
      case "yarn" -> {
        int context =
            optional("rope.scaling.original_context_length")
                .orElseGet(() -> required("context_length"));
        scaling =
            new RopeConfig.Yarn(
                factor,
                context,
                number("rope.scaling.yarn_beta_fast", 32),
                number("rope.scaling.yarn_beta_slow", 1));
        magnitude = RopeConfig.Yarn.magnitude(factor) * number("rope.scaling.attn_factor", 1);
      }
      default -> magnitude = longMagnitude();
    }
    return new RopeConfig(size, base, isInterleaved, scaling, magnitude);
  }

  /** Of models with divisors for long contexts: the file's, or that of LongRoPE (Phi-3). */
  private double longMagnitude() {
    if (file.tensor(LONG_FACTORS + ".weight").isEmpty() || !isLong()) {
      return 1;
    }
    double original = required("rope.scaling.original_context_length");
    double ratio = required("context_length") / original;
    return number(
        "rope.scaling.attn_factor",
        Math.sqrt(1 + StrictMath.log(ratio) / StrictMath.log(original)));
  }

  private String key(String key) {
    return name + "." + key;
  }

  private Double number(String key, double otherwise) {
    return metadata.number(key(key)).orElse(otherwise);
  }

  private int required(String key) {
    return optional(key).orElseThrow(() -> absent(key));
  }

  private InvalidModelException absent(String key) {
    return new InvalidModelException("the metadata has no '" + key(key) + "'");
  }

  private Optional<Integer> optional(String key) {
    return metadata
        .integer(key(key))
        .map(value -> {
          if (value < 1 || value > 1 << 24) {
            throw new InvalidModelException("the metadata '" + key(key) + "' is " + value);
          }
          return value.intValue();
        });
  }
}
