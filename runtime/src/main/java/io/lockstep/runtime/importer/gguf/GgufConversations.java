package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.importer.ImportedDecoder.Conversation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a GGUF file says about templates and the ends of texts, keys {@code tokenizer.*}. */
final class GgufConversations {

  private static final String KEYS = "tokenizer.ggml.";

  /** Number of the control tokens among the types of tokens. */
  private static final int CONTROL = 3;

  /**
   * Control tokens that end a turn in the families' formats; many files name but one of them, or
   * the end of a document, as the end of a text.
   */
  private static final Set<String> ENDS =
      Set.of(
          "<|eot_id|>", // Llama 3
          "<|eom_id|>",
          "<|end_of_text|>",
          "<|im_end|>", // ChatML: Qwen, SmolLM
          "<|endoftext|>", // GPT-2, Qwen, Phi
          "<|end|>", // Phi-3
          "<end_of_turn>"); // Gemma

  private final GgufMetadata metadata;
  private final List<String> tokens;

  private GgufConversations(GgufMetadata metadata) {
    this.metadata = metadata;
    this.tokens = Arrays.asList(metadata.strings(KEYS + "tokens").orElse(new String[0]));
  }

  static Conversation read(GgufMetadata metadata) {
    GgufConversations reader = new GgufConversations(metadata);
    return new Conversation(
        metadata.string("tokenizer.chat_template"),
        reader.token("bos_token_id"),
        reader.token("eos_token_id"),
        reader.ends());
  }

  private Optional<String> token(String key) {
    return metadata
        .integer(KEYS + key)
        .filter(id -> id >= 0 && id < tokens.size())
        .map(id -> tokens.get(id.intValue()));
  }

  private List<Integer> ends() {
    TreeSet<Integer> ends = new TreeSet<>();
    for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
      metadata
          .integer(KEYS + key)
          .filter(id -> id >= 0 && id < tokens.size())
          .ifPresent(id -> ends.add(id.intValue()));
    }
    long[] types = metadata.integers(KEYS + "token_type").orElse(new long[0]);
    for (int id = 0; id < Math.min(types.length, tokens.size()); id++) {
      if (types[id] == CONTROL && ENDS.contains(tokens.get(id))) {
        ends.add(id);
      }
    }
    return List.copyOf(ends);
  }
}
