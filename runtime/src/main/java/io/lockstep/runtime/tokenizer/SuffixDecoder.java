package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/** Joins tokens into words that end where a token has the suffix, with spaces between them. */
record SuffixDecoder(String suffix) implements TokenDecoder {

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    Utf8.append(suffix.isEmpty() ? token : token.replace(suffix, " "), out);
  }

  @Override
  public boolean holdsLastSpace() {
    return true;
  }
}
