package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderStyle;
import io.lockstep.runtime.decoder.RopeConfig;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What config.json says of a decoder. */
final class HubConfig {

  private final JsonNode json;
  private final HubArchitecture architecture;

  private HubConfig(JsonNode json, HubArchitecture architecture) {
    this.json = json;
    this.architecture = architecture;
  }

  /** Refuses what is not supported, all of it at once. */
  static HubConfig of(JsonNode json) {
    List<String> missing = new ArrayList<>();
    String type = json.path("model_type").asText();
    Optional<HubArchitecture> architecture = HubArchitecture.of(type);
    if (architecture.isEmpty()) {
      missing.add("architecture '" + type + "' (supported: " + HubArchitecture.supported() + ")");
    }
    String scaling = scalingType(json);
    if (!List.of("default", "linear", "yarn", "llama3").contains(scaling)) {
      missing.add("rope scaling '" + scaling + "'");
    }
    String activation = activationName(json);
    if (function(activation).isEmpty()) {
      missing.add("activation '" + activation + "'");
    }
    if (json.hasNonNull("quantization_config")) {
      missing.add("weights that are quantised already");
    }
    if (!missing.isEmpty()) {
      throw new UnsupportedModelException("not supported: " + String.join("; ", missing));
    }
    return new HubConfig(json, architecture.orElseThrow());
  }

  HubArchitecture architecture() {
    return architecture;
  }

  DecoderConfig decoder() {
    if (architecture == HubArchitecture.GPT2) {
      return gpt2();
    }
    int width = required("hidden_size");
    int heads = required("num_attention_heads");
    int headSize = optional("head_dim").orElse(width / heads);
    RopeConfig rope = rope(headSize, number("rope_theta", 10_000), true);
    return new DecoderConfig(
        architecture.label(),
        required("max_position_embeddings"),
        width,
        required("num_hidden_layers"),
        heads,
        optional("num_key_value_heads").orElse(heads),
        headSize,
        required("intermediate_size"),
        required("vocab_size"),
        (float) number("rms_norm_eps", 1e-6),
        rope,
        new DecoderStyle(
            false,
            function(activationName(json)).orElseThrow(),
            architecture.isGemma() ? (float) Math.sqrt(width) : 1,
            (float) (1 / Math.sqrt(number("query_pre_attn_scalar", headSize))),
            architecture.isGemma() ? (float) number("attn_logit_softcapping", 0) : 0,
            architecture.isGemma() ? (float) number("final_logit_softcapping", 0) : 0,
            window(),
            period(),
            architecture == HubArchitecture.GEMMA3
                ? rope(headSize, number("rope_local_base_freq", 10_000), false)
                : rope));
  }

  private DecoderConfig gpt2() {
    int width = required("n_embd");
    int heads = required("n_head");
    int headSize = width / heads;
    return new DecoderConfig(
        architecture.label(),
        optional("n_positions").orElseGet(() -> required("n_ctx")),
        width,
        required("n_layer"),
        heads,
        heads,
        headSize,
        optional("n_inner").orElse(4 * width),
        required("vocab_size"),
        (float) number("layer_norm_epsilon", 1e-5),
        RopeConfig.NONE,
        new DecoderStyle(
            true,
            function(activationName(json)).orElseThrow(),
            1,
            (float) (1 / Math.sqrt(headSize)),
            0,
            0,
            0,
            0,
            RopeConfig.NONE));
  }

  /** Models of Qwen name a window that they do not use unless they say so. */
  private int window() {
    boolean isQwen = architecture == HubArchitecture.QWEN2 || architecture == HubArchitecture.QWEN3;
    return isQwen && !json.path("use_sliding_window").asBoolean(false)
        ? 0
        : optional("sliding_window").orElse(0);
  }

  private int period() {
    return switch (architecture) {
      case GEMMA2 -> 2;
      case GEMMA3 -> optional("sliding_window_pattern").orElse(6);
      case LLAMA, MISTRAL, QWEN2, QWEN3, PHI3, GPT2 -> 0;
    };
  }

  private RopeConfig rope(int headSize, double base, boolean scales) {
    int size = (int) (headSize * number("partial_rotary_factor", 1));
    JsonNode scaling = scaling(json);
    double factor = Math.max(1e-6, scaling.path("factor").asDouble(1));
    int context =
        scaling.path("original_max_position_embeddings").asInt(required("max_position_embeddings"));
    RopeConfig.Scaling how = new RopeConfig.Linear(1);
    double magnitude = 1;
    switch (scales ? scalingType(json) : "default") {
      case "linear" -> how = new RopeConfig.Linear(factor);
      case "yarn" -> {
        how =
            new RopeConfig.Yarn(
                factor,
                context,
                scaling.path("beta_fast").asDouble(32),
                scaling.path("beta_slow").asDouble(1));
        magnitude = scaling.path("attention_factor").asDouble(RopeConfig.Yarn.magnitude(factor));
      }
      case "llama3" ->
          how =
              new RopeConfig.Llama3(
                  factor,
                  scaling.path("low_freq_factor").asDouble(1),
                  scaling.path("high_freq_factor").asDouble(4),
                  context);
      default -> {
        // nothing to change
      }
    }
    return new RopeConfig(size, base, architecture.turnsNeighbours(), how, magnitude);
  }

  private static JsonNode scaling(JsonNode json) {
    return json.path("rope_scaling");
  }

  private static String scalingType(JsonNode json) {
    JsonNode scaling = scaling(json);
    return scaling.path("rope_type").asText(scaling.path("type").asText("default"));
  }

  private static String activationName(JsonNode json) {
    for (String key : List.of("hidden_activation", "hidden_act", "activation_function")) {
      if (json.hasNonNull(key)) {
        return json.get(key).asText();
      }
    }
    return "none";
  }

  private static Optional<UnaryFunction> function(String name) {
    return switch (name) {
      case "silu", "swish" -> Optional.of(UnaryFunction.SWISH);
      case "gelu_pytorch_tanh", "gelu_new" -> Optional.of(UnaryFunction.GELU_TANH);
      case "gelu" -> Optional.of(UnaryFunction.GELU);
      default -> Optional.empty();
    };
  }

  private double number(String key, double otherwise) {
    return json.path(key).asDouble(otherwise);
  }

  private int required(String key) {
    return optional(key)
        .orElseThrow(() -> new InvalidModelException("config.json has no '" + key + "'"));
  }

  private Optional<Integer> optional(String key) {
    if (!json.hasNonNull(key)) {
      return Optional.empty();
    }
    JsonNode value = json.get(key);
    if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > 1 << 24) {
      throw new InvalidModelException("'" + key + "' of config.json is " + value);
    }
    return Optional.of(value.asInt());
  }
}
