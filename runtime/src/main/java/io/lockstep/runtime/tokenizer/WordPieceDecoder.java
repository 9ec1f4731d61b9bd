package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Joins word pieces into text: a space before every piece that begins a word.
 *
 * @param prefix marks a piece that continues a word; removed when joining
 * @param cleanUp removes the space before punctuation and English contractions
 */
record WordPieceDecoder(String prefix, boolean cleanUp) implements TokenDecoder {

  /** A piece that starts with the key loses the space that would stand before it. */
  private static final List<String> CLINGING =
      List.of(".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re");

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    if (!first && !prefix.isEmpty() && token.startsWith(prefix)) {
      Utf8.append(token.substring(prefix.length()), out);
      return;
    }
    if (!first && !(cleanUp && CLINGING.stream().anyMatch(token::startsWith))) {
      out.write(' ');
    }
    Utf8.append(token, out);
  }

  @Override
  public void appendAdded(String content, boolean first, ByteArrayOutputStream out) {
    append(content, first, out);
  }
}
