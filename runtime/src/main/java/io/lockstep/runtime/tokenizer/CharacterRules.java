package io.lockstep.runtime.tokenizer;

/** Normalisers that look at one character at a time. */
enum CharacterRules implements TextNormalizer {

  /** Lowers every letter on its own, without regard to language or position. */
  LOWERCASE {
    @Override
    void append(int codePoint, int start, int stop, NormalizedText.Builder out) {
      if (codePoint == CAPITAL_I_WITH_DOT) {
        out.add('i', start, stop);
        out.add(COMBINING_DOT_ABOVE, start, stop);
      } else {
        out.add(Character.toLowerCase(codePoint), start, stop);
      }
    }
  },

  /** Drops marks, which stand apart after decomposition only. */
  STRIP_ACCENTS {
    @Override
    void append(int codePoint, int start, int stop, NormalizedText.Builder out) {
      if (!isMark(codePoint)) {
        out.add(codePoint, start, stop);
      }
    }
  },

  /** SentencePiece's {@code nmt} rules: controls go, white space of all kinds becomes a space. */
  NMT {
    @Override
    void append(int codePoint, int start, int stop, NormalizedText.Builder out) {
      boolean isDropped =
          (codePoint >= 0x01 && codePoint <= 0x08)
              || codePoint == 0x0B
              || (codePoint >= 0x0E && codePoint <= 0x1F)
              || codePoint == 0x7F
              || codePoint == 0x8F
              || codePoint == 0x9F;
      if (!isDropped) {
        out.add(isNmtSpace(codePoint) ? ' ' : codePoint, start, stop);
      }
    }
  };

  /** The only letter whose lower case is more than one code point: i and a combining dot. */
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  private static final int COMBINING_DOT_ABOVE = 0x307;

  /** Appends what becomes of a character that stands for {@code start} to {@code stop}. */
  abstract void append(int codePoint, int start, int stop, NormalizedText.Builder out);

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    NormalizedText.Builder out = new NormalizedText.Builder(text.length());
    int next;
    for (int at = 0; at < text.length(); at = next) {
      int codePoint = text.codePointAt(at);
      next = at + Character.charCount(codePoint);
      append(codePoint, source.originalStart(at), source.originalStop(next), out);
    }
    return out.build();
  }

  /** Whether a character is of the categories Mn, Mc or Me. */
  static boolean isMark(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  private static boolean isNmtSpace(int codePoint) {
    return codePoint == 0x09
        || codePoint == 0x0A
        || codePoint == 0x0C
        || codePoint == 0x0D
        || codePoint == 0x1680
        || (codePoint >= 0x200B && codePoint <= 0x200F)
        || codePoint == 0x2028
        || codePoint == 0x2029
        || codePoint == 0x2581
        || codePoint == 0xFEFF
        || codePoint == 0xFFFD;
  }
}
