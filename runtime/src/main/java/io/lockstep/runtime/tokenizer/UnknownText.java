package io.lockstep.runtime.tokenizer;

import java.util.OptionalInt;

/** What becomes of text that no token covers. */
final class UnknownText {

  /** It is left out. */
  static final UnknownText DROPPED = new UnknownText(TokenTrie.NONE, new int[0], false);

  private final int id;
  private final int[] byteIds; // [256] ids of the tokens of single bytes, or empty
  private final boolean fuses;

  /**
   * Names what there is.
   *
   * @param id of the unknown token, {@link TokenTrie#NONE} to drop the text
   * @param byteIds ids of the tokens of single bytes, [256], when each character becomes its UTF-8,
   *     else empty
   * @param fuses whether unknown characters in a row are one unknown token
   */
  UnknownText(int id, int[] byteIds, boolean fuses) {
    this.id = id;
    this.byteIds = byteIds;
    this.fuses = fuses;
  }

  /** Ids of the tokens of single bytes, [256]; empty unless all are there. */
  static int[] byteIds(Vocabulary vocabulary) {
    int[] ids = new int[256];
    for (int value = 0; value < ids.length; value++) {
      OptionalInt id = vocabulary.idOf("<0x%02X>".formatted(value));
      if (id.isEmpty()) {
        return new int[0];
      }
      ids[value] = id.getAsInt();
    }
    return ids;
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
    if (from == to) {
      return;
    }
    if (byteIds.length == 0 && fuses) {
      addUnknown(source, from, to, out);
      return;
    }
    int next;
    for (int at = from; at < to; at = next) {
      int codePoint = source.text().codePointAt(at);
      next = Math.min(at + Character.charCount(codePoint), to);
      if (byteIds.length == 0) {
        addUnknown(source, at, next, out);
        continue;
      }
      for (int i = 0; i < Utf8.length(codePoint); i++) {
        int value = Utf8.byteAt(codePoint, i);
        out.add(byteIds[value], source.originalStart(at), source.originalStop(next));
      }
    }
  }

  private void addUnknown(NormalizedText source, int from, int to, TokenBuffer out) {
    if (id != TokenTrie.NONE) {
      out.add(id, source.originalStart(from), source.originalStop(to));
    }
  }
}
