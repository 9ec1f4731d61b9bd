package io.lockstep.runtime.tokenizer;

import java.util.List;

/**
 * Joins word pieces into text: a space before every piece that begins a word.
 *
 * @param prefix marks a piece that continues a word; removed when joining
 * @param cleanUp removes the space before punctuation and English contractions
 */
record WordPieceDecoder(String prefix, boolean cleanUp) {

  /** A piece that starts with the key loses the space that would stand before it. */
  private static final List<String> CLINGING =
      List.of(".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re");

  String join(List<String> tokens) {
    StringBuilder text = new StringBuilder();
    for (String token : tokens) {
      if (text.isEmpty()) {
        text.append(token);
      } else if (!prefix.isEmpty() && token.startsWith(prefix)) {
        text.append(token, prefix.length(), token.length());
      } else {
        if (!cleanUp || CLINGING.stream().noneMatch(token::startsWith)) {
          text.append(' ');
        }
        text.append(token);
      }
    }
    return text.toString();
  }
}
