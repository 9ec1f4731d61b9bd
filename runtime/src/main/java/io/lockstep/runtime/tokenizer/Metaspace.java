package io.lockstep.runtime.tokenizer;

/**
 * Replaces spaces by a marker, which may be put before words too, and splits before each marker.
 *
 * @param marker one character
 * @param splits whether words are split
 */
record Metaspace(String marker, Scheme scheme, boolean splits) implements PreTokenizer {

  /** Which words get a marker when they have none. */
  enum Scheme {
    ALWAYS,
    /** The one at the beginning of the text. */
    FIRST,
    NEVER
  }

  @Override
  public Words split(Words words) {
    int sign = marker.codePointAt(0);
    Words marked =
        words.rewritten((text, from, to, out) -> {
          if (isPrefixed(text, from)) {
            out.add(sign, text.originalStart(from), text.originalStart(from));
          }
          int next;
          for (int at = from; at < to; at = next) {
            int codePoint = text.text().codePointAt(at);
            next = Math.min(at + Character.charCount(codePoint), to);
            out.add(
                codePoint == ' ' ? sign : codePoint,
                text.originalStart(at),
                text.originalStop(next));
          }
        });
    return splits
        ? new TextSplit(Segmenter.literal(marker), SplitBehavior.MERGED_WITH_NEXT, false)
            .split(marked)
        : marked;
  }

  private boolean isPrefixed(NormalizedText text, int from) {
    boolean hasMarker = text.text().charAt(from) == ' ' || text.text().startsWith(marker, from);
    return !hasMarker
        && switch (scheme) {
          case ALWAYS -> true;
          case FIRST -> text.originalStart(from) == 0;
          case NEVER -> false;
        };
  }
}
