package io.lockstep.server.serving;

import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

  /**
   * The tokens that the model is given for a prompt.
   *
   * @throws ServingException INVALID_ARGUMENT when the prompt has ids that are no tokens
   */
  public List<Integer> tokens(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String text) -> tokens(text, true);
      // Some templates spell the beginning of the text out and some leave it to the tokenizer.
      case Prompt.Templated(String text) ->
          tokens(text, beginToken.isEmpty() || !text.startsWith(beginToken));
      case Prompt.Tokens(List<Integer> ids) -> known(ids);
    };
  }

  /** The tokens of a text, with or without those that texts begin with. */
  public List<Integer> tokens(String text, boolean special) {
    int[] ids = tokenizer.encode(text, tokenizer.defaultOptions().withSpecialTokens(special)).ids();
    return IntStream.of(ids).boxed().toList();
  }

  private List<Integer> known(List<Integer> ids) {
    for (int id : ids) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw ServingException.invalid(
                "token id %d is not one of the model's %d"
                    .formatted(id, tokenizer.vocabularySize()))
            .at("prompt");
      }
    }
    return ids;
  }

  /** {@link #endTokens} as a set of ids. */
  public BitSet ends() {
    BitSet ends = new BitSet();
    endTokens.forEach(ends::set);
    return ends;
  }
}
