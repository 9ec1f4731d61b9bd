package io.lockstep.runtime.pattern;

/** The character classes that tokenizers are defined by, where Java's own differ. */
public final class Characters {

  private Characters() {}

  /**
   * The Unicode property White_Space (PropList.txt). {@link Character#isWhitespace} leaves out the
   * no-break spaces and U+0085, and adds U+001C to U+001F.
   */
  public static boolean isWhiteSpace(int codePoint) {
    return codePoint == ' '
        || (codePoint >= 0x09 && codePoint <= 0x0D)
        || codePoint == 0x85
        || codePoint == 0xA0
        || codePoint == 0x1680
        || (codePoint >= 0x2000 && codePoint <= 0x200A)
        || codePoint == 0x2028
        || codePoint == 0x2029
        || codePoint == 0x202F
        || codePoint == 0x205F
        || codePoint == 0x3000;
  }

  /** Every ASCII character that is no letter, digit, space or control, and the P categories. */
  public static boolean isPunctuation(int codePoint) {
    if (codePoint < 0x80) {
      return codePoint > ' ' && codePoint < 0x7F && !Character.isLetterOrDigit(codePoint);
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  /** What a regular expression's {@code \w} means in Unicode (UTS 18, annex C). */
  public static boolean isWordCharacter(int codePoint) {
    return Character.isAlphabetic(codePoint)
        || Character.isDigit(codePoint)
        || isMark(codePoint)
        || Character.getType(codePoint) == Character.CONNECTOR_PUNCTUATION
        || codePoint == 0x200C
        || codePoint == 0x200D;
  }

  private static boolean isMark(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }
}
