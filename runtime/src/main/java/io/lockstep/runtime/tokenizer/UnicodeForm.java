package io.lockstep.runtime.tokenizer;

import java.text.Normalizer;

/** One of Unicode's normal forms (UAX 15). */
record UnicodeForm(Normalizer.Form form) implements TextNormalizer {

  /*
   * The text is normalised in pieces that nothing can join: a piece begins at a character whose
   * decomposition begins with neither a mark nor a vowel or final consonant of Hangul. The result
   * of a piece stands for all of its original. Pieces are cut where they become absurdly long,
   * since ordering their marks takes the square of their length.
   */

  /** Below it no character decomposes, composes or is a mark. */
  private static final int FIRST_CHANGED = 0xA0;

  private static final int FIRST_MARK = 0x300;
  private static final int LONGEST_PIECE = 256; // code units

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    NormalizedText.Builder out = new NormalizedText.Builder(text.length());
    int stop;
    for (int start = 0; start < text.length(); start = stop) {
      stop = plainEnd(text, start);
      if (stop > start) {
        out.add(source, start, stop);
        continue;
      }
      stop = pieceEnd(text, start);
      String piece = text.substring(start, stop);
      String normalized = Normalizer.normalize(piece, form);
      if (normalized.equals(piece)) {
        out.add(source, start, stop);
      } else {
        out.add(normalized, source.originalStart(start), source.originalStop(stop));
      }
    }
    return out.build();
  }

  /** The end of the characters that stay as they are, whatever follows. */
  private static int plainEnd(String text, int start) {
    int at = start;
    while (at < text.length()
        && text.charAt(at) < FIRST_CHANGED
        && (at + 1 == text.length() || text.charAt(at + 1) < FIRST_MARK)) {
      at++;
    }
    return at;
  }

  private static int pieceEnd(String text, int start) {
    int at = start + Character.charCount(text.codePointAt(start));
    while (at < text.length() && at - start < LONGEST_PIECE && joins(text.codePointAt(at))) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  /** Whether a character may change together with what stands before it. */
  private static boolean joins(int codePoint) {
    if (codePoint < FIRST_MARK) {
      return false;
    }
    int first = codePoint;
    if (!CharacterRules.isMark(codePoint)) {
      first =
          Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFKD).codePointAt(0);
    }
    return CharacterRules.isMark(first) || (first >= 0x1160 && first <= 0x11FF);
  }
}
