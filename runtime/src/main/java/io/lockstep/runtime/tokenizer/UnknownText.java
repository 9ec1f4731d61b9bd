package io.lockstep.runtime.tokenizer;

/**
 * What becomes of text that no token covers.
 *
 * @param id of the unknown token, {@link TokenTrie#NONE} to drop the text
 * @param firstByteId id of the token of byte 0 when each character becomes its UTF-8, whose tokens
 *     have consecutive ids; {@link TokenTrie#NONE} without such tokens
 */
record UnknownText(int id, int firstByteId) {

  /** The spelling of the token of a byte, 0 to 255. */
  static String byteToken(int value) {
    return "<0x%02X>".formatted(value);
  }

  /** The byte that a token spells, 0 to 255; -1 when it spells none. */
  static int byteOf(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /** Adds tokens for code units {@code from} to {@code to}, which may be none. */
  void add(NormalizedText source, int from, int to, TokenBuffer out) {
    int next;
    for (int at = from; at < to; at = next) {
      int codePoint = source.text().codePointAt(at);
      next = Math.min(at + Character.charCount(codePoint), to);
      int start = source.originalStart(at);
      int stop = source.originalStop(next);
      if (firstByteId != TokenTrie.NONE) {
        for (int i = 0; i < Utf8.length(codePoint); i++) {
          out.add(firstByteId + Utf8.byteAt(codePoint, i), start, stop);
        }
      } else if (id != TokenTrie.NONE) {
        out.add(id, start, stop);
      }
    }
  }
}
