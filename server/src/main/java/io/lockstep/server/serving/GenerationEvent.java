package io.lockstep.server.serving;

import java.util.List;

/** What happens to one of the texts of a request. */
public sealed interface GenerationEvent {

  /** Which of the request's texts, from 0 on. */
  int choice();

  /**
   * The text goes on.
   *
   * @param text may be empty while a character or a possible stop string is incomplete
   * @param tokens those that were generated since the last event, if their probabilities were asked
   *     for, else empty
   */
  record Text(int choice, String text, List<GeneratedToken> tokens) implements GenerationEvent {
    public Text {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * The text is over.
   *
   * @param generatedTokens all tokens of the text, one that ended it included
   * @param cachedTokens of the prompt that needed no computation
   */
  record Finished(int choice, FinishReason reason, int generatedTokens, int cachedTokens)
      implements GenerationEvent {}
}
