package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderConfig.RopeConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ImportedDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes decoders of GGUF files. The architectures differ in how rotary positions pair elements and
 * in which of the optional tensors they bring; Mistral and SmolLM models call themselves llama.
 */
public final class GgufDecoders {

  private static final String SUPPORTED = "llama, qwen2, qwen3";

  private final GgufMetadata metadata;
  private final String architecture;

  private GgufDecoders(GgufMetadata metadata, String architecture) {
    this.metadata = metadata;
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
    String architecture =
        file.metadata()
            .string("general.architecture")
            .orElseThrow(() -> new InvalidModelException("the file names no architecture"));
    GgufDecoders reader = new GgufDecoders(file.metadata(), architecture);
    reader.refuseUnsupported();
    DecoderConfig config = reader.config(file);
    DecoderWeights weights = new DecoderTensors(file, config).weights();
    return new ImportedDecoder(
        config,
        weights,
        () -> GgufTokenizers.read(file.metadata()),
        GgufConversations.read(file.metadata()),
        file.bytes(),
        file::close);
  }

  private void refuseUnsupported() {
    List<String> missing = new ArrayList<>();
    if (!List.of(SUPPORTED.split(", ")).contains(architecture)) {
      missing.add("architecture '" + architecture + "' (supported: " + SUPPORTED + ")");
    }
    String scaling = metadata.string(key("rope.scaling.type")).orElse("none");
    if (!scaling.equals("none") && !scaling.equals("linear")) {
      missing.add("rope scaling '" + scaling + "'");
    }
    if (metadata.integer(key("expert_count")).orElse(0L) > 0) {
      missing.add("mixtures of experts");
    }
    if (metadata.has(key("attention.sliding_window"))) {
      missing.add("sliding window attention");
    }
    if (!missing.isEmpty()) {
      throw new UnsupportedModelException("not supported: " + String.join("; ", missing));
    }
  }

  private DecoderConfig config(GgufFile file) {
    int width = required("embedding_length");
    int heads = required("attention.head_count");
    int kvHeads = optional("attention.head_count_kv").orElse(heads);
    int headSize = optional("attention.key_length").orElse(width / Math.max(1, heads));
    if (optional("attention.value_length").orElse(headSize) != headSize) {
      throw new UnsupportedModelException("values of another size than keys are not supported");
    }
    GgufTensor embedding =
        file.tensor(DecoderTensors.EMBEDDING)
            .orElseThrow(() -> new InvalidModelException("the file has no token embedding"));
    return new DecoderConfig(
        architecture,
        required("context_length"),
        width,
        required("block_count"),
        heads,
        kvHeads,
        headSize,
        required("feed_forward_length"),
        Math.toIntExact(embedding.extents().getFirst()),
        metadata
            .number(key("attention.layer_norm_rms_epsilon"))
            .orElseThrow(() -> absent("attention.layer_norm_rms_epsilon"))
            .floatValue(),
        rope(headSize));
  }

  private RopeConfig rope(int headSize) {
    double factor = metadata.number(key("rope.scaling.factor")).orElse(1.0);
    boolean isLinear = metadata.string(key("rope.scaling.type")).orElse("").equals("linear");
    return new RopeConfig(
        optional("rope.dimension_count").orElse(headSize),
        metadata.number(key("rope.freq_base")).orElse(10_000.0),
        isLinear && factor > 0 ? 1 / factor : 1,
        architecture.equals("llama"));
  }

  private String key(String name) {
    return architecture + "." + name;
  }

  private int required(String name) {
    return optional(name).orElseThrow(() -> absent(name));
  }

  private InvalidModelException absent(String name) {
    return new InvalidModelException("the metadata has no '" + key(name) + "'");
  }

  private Optional<Integer> optional(String name) {
    return metadata
        .integer(key(name))
        .map(value -> {
          if (value < 1 || value > 1 << 24) {
            throw new InvalidModelException("the metadata '" + key(name) + "' is " + value);
          }
          return value.intValue();
        });
  }
}
