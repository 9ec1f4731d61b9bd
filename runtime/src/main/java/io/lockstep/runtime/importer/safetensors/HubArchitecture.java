package io.lockstep.runtime.importer.safetensors;

import io.lockstep.runtime.importer.TensorRole;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The architectures by their {@code model_type}, and their tables of tensor names. */
enum HubArchitecture {
  LLAMA("llama"),
  MISTRAL("mistral"),
  QWEN2("qwen2"),
  QWEN3("qwen3"),
  GEMMA2("gemma2"),
  GEMMA3("gemma3_text"),
  PHI3("phi3"),
  GPT2("gpt2");

  private static final String LAYER = "model.layers.{}.";
  private static final String ATTENTION = LAYER + "self_attn.";
  private static final String FEED_FORWARD = LAYER + "mlp.";

  private final String label;

  HubArchitecture(String label) {
    this.label = label;
  }

  static Optional<HubArchitecture> of(String label) {
    return Stream.of(values()).filter(one -> one.label.equals(label)).findFirst();
  }

  static String supported() {
    return Stream.of(values()).map(one -> one.label).collect(Collectors.joining(", "));
  }

  String label() {
    return label;
  }

  boolean isGemma() {
    return this == GEMMA2 || this == GEMMA3;
  }

  /**
   * Whether heads are brought to the order in which neighbouring elements turn together, as the
   * models' authors had them and as GGUF files do.
   */
  boolean turnsNeighbours() {
    return this == LLAMA || this == MISTRAL;
  }

  /** Whether norms stand in files less one. */
  boolean storesNormsLessOne() {
    return isGemma();
  }

  /** Whether a matrix stands [inputs, outputs]. */
  boolean isTransposed(String name) {
    return this == GPT2 && name.contains(".c_");
  }

  /**
   * Whether a tensor may be there and is not needed: masks and what follows of the configuration.
   */
  boolean ignores(String name) {
    return name.endsWith(".rotary_emb.inv_freq")
        || (this == GPT2 && (name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias")));
  }

  /**
   * The table of names.
   *
   * @param prefix what precedes the names of GPT-2, in some files
   */
  Map<TensorRole, String> names(String prefix) {
    Map<TensorRole, String> names = new EnumMap<>(TensorRole.class);
    if (this == GPT2) {
      gpt2(names, prefix);
      return names;
    }
    names.put(TensorRole.EMBEDDING, "model.embed_tokens");
    names.put(TensorRole.OUTPUT_NORM, "model.norm");
    names.put(TensorRole.OUTPUT, "lm_head");
    names.put(TensorRole.ATTENTION_NORM, LAYER + "input_layernorm");
    names.put(TensorRole.ATTENTION_OUTPUT, ATTENTION + "o_proj");
    names.put(TensorRole.DOWN, FEED_FORWARD + "down_proj");
    if (isGemma()) {
      names.put(TensorRole.ATTENTION_POST_NORM, LAYER + "post_attention_layernorm");
      names.put(TensorRole.FEED_FORWARD_NORM, LAYER + "pre_feedforward_layernorm");
      names.put(TensorRole.FEED_FORWARD_POST_NORM, LAYER + "post_feedforward_layernorm");
    } else {
      names.put(TensorRole.FEED_FORWARD_NORM, LAYER + "post_attention_layernorm");
    }
    if (this == PHI3) {
      names.put(TensorRole.QUERY_KEY_VALUE, ATTENTION + "qkv_proj");
      names.put(TensorRole.GATE_UP, FEED_FORWARD + "gate_up_proj");
    } else {
      names.put(TensorRole.QUERY, ATTENTION + "q_proj");
      names.put(TensorRole.KEY, ATTENTION + "k_proj");
      names.put(TensorRole.VALUE, ATTENTION + "v_proj");
      names.put(TensorRole.QUERY_NORM, ATTENTION + "q_norm");
      names.put(TensorRole.KEY_NORM, ATTENTION + "k_norm");
      names.put(TensorRole.GATE, FEED_FORWARD + "gate_proj");
      names.put(TensorRole.UP, FEED_FORWARD + "up_proj");
    }
    return names;
  }

  private static void gpt2(Map<TensorRole, String> names, String prefix) {
    String layer = prefix + "h.{}.";
    names.put(TensorRole.EMBEDDING, prefix + "wte");
    names.put(TensorRole.POSITIONS, prefix + "wpe");
    names.put(TensorRole.OUTPUT_NORM, prefix + "ln_f");
    names.put(TensorRole.OUTPUT, "lm_head");
    names.put(TensorRole.ATTENTION_NORM, layer + "ln_1");
    names.put(TensorRole.QUERY_KEY_VALUE, layer + "attn.c_attn");
    names.put(TensorRole.ATTENTION_OUTPUT, layer + "attn.c_proj");
    names.put(TensorRole.FEED_FORWARD_NORM, layer + "ln_2");
    names.put(TensorRole.UP, layer + "mlp.c_fc");
    names.put(TensorRole.DOWN, layer + "mlp.c_proj");
  }
}
