package io.lockstep.server.serving;

import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * What there is to know of a model that generates text.
 *
 * @param tokenizer read from the model's file
 * @param contextLength positions of prompt and generated text together
 * @param endTokens tokens that end a text, or a turn of a conversation
 * @param chatTemplate turns a conversation into a prompt, if the model has one
 * @param beginToken what templates call {@code bos_token}, or empty
 * @param endToken what templates call {@code eos_token}, or empty
 * @param cacheBlocks blocks of the key-value cache
 * @param cacheBytes native bytes of the key-value cache
 */
public record GenerationTraits(
    Tokenizer tokenizer,
    int contextLength,
    List<Integer> endTokens,
    Optional<String> chatTemplate,
    String beginToken,
    String endToken,
    int cacheBlocks,
    long cacheBytes) {

  public GenerationTraits {
    endTokens = List.copyOf(endTokens);
  }

  /** {@link #endTokens} as a set of ids. */
  public BitSet ends() {
    BitSet ends = new BitSet();
    endTokens.forEach(ends::set);
    return ends;
  }
}
