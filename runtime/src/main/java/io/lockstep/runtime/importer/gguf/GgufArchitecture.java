package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.importer.TensorRole;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The architectures of GGUF files and their tables of tensor names. */
enum GgufArchitecture {
  /** Also Mistral and SmolLM. */
  LLAMA,
  QWEN2,
  QWEN3,
  GEMMA2,
  GEMMA3,
  PHI3,
  GPT2;

  private static final String LAYER = "blk.{}.";

  static Optional<GgufArchitecture> of(String name) {
    for (GgufArchitecture architecture : values()) {
      if (architecture.label().equals(name)) {
        return Optional.of(architecture);
      }
    }
    return Optional.empty();
  }

  /** The name in files. */
  String label() {
    return switch (this) {
      case LLAMA -> "llama";
      case QWEN2 -> "qwen2";
      case QWEN3 -> "qwen3";
      case GEMMA2 -> "gemma2";
      case GEMMA3 -> "gemma3";
      case PHI3 -> "phi3";
      case GPT2 -> "gpt2";
    };
  }

  boolean isGemma() {
    return this == GEMMA2 || this == GEMMA3;
  }

  Map<TensorRole, String> names() {
    Map<TensorRole, String> names = new EnumMap<>(TensorRole.class);
    names.put(TensorRole.EMBEDDING, "token_embd");
    names.put(TensorRole.OUTPUT_NORM, "output_norm");
    names.put(TensorRole.OUTPUT, "output");
    names.put(TensorRole.ATTENTION_NORM, LAYER + "attn_norm");
    names.put(TensorRole.ATTENTION_OUTPUT, LAYER + "attn_output");
    names.put(TensorRole.FEED_FORWARD_NORM, LAYER + "ffn_norm");
    names.put(TensorRole.DOWN, LAYER + "ffn_down");
    switch (this) {
      case LLAMA, QWEN2, QWEN3, GEMMA2, GEMMA3 -> {
        names.put(TensorRole.ROPE_FACTORS, "rope_freqs");
        names.put(TensorRole.QUERY, LAYER + "attn_q");
        names.put(TensorRole.KEY, LAYER + "attn_k");
        names.put(TensorRole.VALUE, LAYER + "attn_v");
        names.put(TensorRole.QUERY_NORM, LAYER + "attn_q_norm");
        names.put(TensorRole.KEY_NORM, LAYER + "attn_k_norm");
        names.put(TensorRole.GATE, LAYER + "ffn_gate");
        names.put(TensorRole.UP, LAYER + "ffn_up");
      }
      case PHI3 -> {
        names.put(TensorRole.QUERY_KEY_VALUE, LAYER + "attn_qkv");
        names.put(TensorRole.GATE_UP, LAYER + "ffn_up");
      }
      case GPT2 -> {
        names.put(TensorRole.POSITIONS, "position_embd");
        names.put(TensorRole.QUERY_KEY_VALUE, LAYER + "attn_qkv");
        names.put(TensorRole.UP, LAYER + "ffn_up");
      }
    }
    if (isGemma()) {
      names.put(TensorRole.ATTENTION_POST_NORM, LAYER + "post_attention_norm");
      names.put(TensorRole.FEED_FORWARD_POST_NORM, LAYER + "post_ffw_norm");
    }
    return names;
  }
}
