package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/** Turns tokens back into UTF-8, one after the other; stateless. */
interface TokenDecoder {

  /** Tokens stand for their spellings. */
  TokenDecoder PLAIN = (token, _, out) -> Utf8.append(token, out);

  /**
   * Appends what a token of the vocabulary stands for, which may be part of a character.
   *
   * @param token as the vocabulary spells it
   * @param first whether it begins the text
   */
  void append(String token, boolean first, ByteArrayOutputStream out);

  /** Appends an added token, which stands for its own spelling. */
  default void appendAdded(String content, boolean first, ByteArrayOutputStream out) {
    Utf8.append(content, out);
  }

  /** Whether a space at the end of the text was put there for a word that did not come. */
  default boolean holdsLastSpace() {
    return false;
  }
}
