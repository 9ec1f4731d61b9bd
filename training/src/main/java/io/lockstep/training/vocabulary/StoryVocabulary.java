package io.lockstep.training.vocabulary;

import io.lockstep.runtime.tokenizer.TokenTable;
import io.lockstep.runtime.tokenizer.TokenTable.Kind;
import io.lockstep.runtime.tokenizer.TokenTable.Role;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.training.text.Documents;
import io.lockstep.training.text.Documents.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The story teller's tokens: four that control a conversation, the 256 bytes, and what byte pairs
 * were learnt from documents.
 *
 * @param tokens spellings, [ids]
 * @param merges pairs separated by a space
 */
public record StoryVocabulary(List<String> tokens, List<String> merges) {

  public static final int BEGIN = 0;
  public static final int END = 1;
  public static final int USER = 2;
  public static final int ASSISTANT = 3;

  private static final List<String> CONTROL =
      List.of("<|begin|>", "<|end|>", "<|user|>", "<|assistant|>");

  /** The family whose way of splitting words this is, by its name in GGUF files. */
  public static final String SPLITTING = "gpt-2";

  /** Learns a vocabulary of this size from so many documents. */
  public static StoryVocabulary learn(Documents documents, int count, int size) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (Turn turn : documents.next()) {
        texts.add(turn.text());
      }
    }
    BytePairs pairs = BytePairs.learn(texts, size - CONTROL.size());
    List<String> tokens = new ArrayList<>(CONTROL);
    tokens.addAll(pairs.tokens());
    return new StoryVocabulary(tokens, pairs.merges());
  }

  /** Whether a token shapes a conversation and stands for no text. */
  public boolean isControl(int id) {
    return id < CONTROL.size();
  }

  /** The tokens after which the model answers a request, as the chat template spells them. */
  public static int[] prompt(Tokenizer tokenizer, String request) {
    var options = tokenizer.defaultOptions().withSpecialTokens(false);
    int[] words = tokenizer.encode(request, options).ids();
    int[] prompt = new int[words.length + 4];
    prompt[0] = BEGIN;
    prompt[1] = USER;
    System.arraycopy(words, 0, prompt, 2, words.length);
    prompt[prompt.length - 2] = END;
    prompt[prompt.length - 1] = ASSISTANT;
    return prompt;
  }

  /** The engine's tokenizer for these tokens; adds none by itself. */
  public Tokenizer tokenizer() {
    List<Role> roles =
        IntStream.range(0, tokens.size())
            .mapToObj(id -> isControl(id) ? Role.CONTROL : Role.NORMAL)
            .toList();
    return new TokenTable(
            Kind.BYTE_LEVEL,
            tokens,
            List.of(),
            roles,
            merges,
            SPLITTING,
            false,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty())
        .tokenizer();
  }
}
