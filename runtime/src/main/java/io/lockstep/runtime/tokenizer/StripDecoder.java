package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/**
 * Drops a character where it begins or ends tokens.
 *
 * @param start most times at the beginning
 * @param stop most times at the end
 * @param onlyFirst whether only the first token loses any
 */
record StripDecoder(char content, int start, int stop, boolean onlyFirst, TokenDecoder next)
    implements TokenDecoder {

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    if (onlyFirst && !first) {
      next.append(token, first, out);
      return;
    }
    int from = 0;
    int to = token.length();
    while (from < Math.min(start, to) && token.charAt(from) == content) {
      from++;
    }
    while (token.length() - to < stop && to > from && token.charAt(to - 1) == content) {
      to--;
    }
    next.append(token.substring(from, to), first, out);
  }
}
