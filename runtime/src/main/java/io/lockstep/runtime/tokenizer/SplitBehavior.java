package io.lockstep.runtime.tokenizer;

/** What becomes of the matches that split a text. */
enum SplitBehavior {
  /** They are dropped. */
  REMOVED,
  /** Each is a word. */
  ISOLATED,
  /** Each ends the word before it. */
  MERGED_WITH_PREVIOUS,
  /** Each begins the word behind it. */
  MERGED_WITH_NEXT,
  /** Those that touch are one word. */
  CONTIGUOUS;

  /**
   * Adds the words of a range.
   *
   * @param inverted whether gaps count as the matches
   */
  void apply(Segments segments, boolean inverted, Words out) {
    int count = segments.count();
    int start = count == 0 ? 0 : segments.start(0);
    for (int i = 0; i < count; i++) {
      boolean isMatch = segments.isMatch(i) != inverted;
      boolean nextIsMatch = i + 1 < count && segments.isMatch(i + 1) != inverted;
      boolean goesOn =
          i + 1 < count
              && switch (this) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> nextIsMatch && !isMatch;
                case MERGED_WITH_NEXT -> isMatch && !nextIsMatch;
                case CONTIGUOUS -> isMatch == nextIsMatch;
              };
      if (!goesOn) {
        if (this != REMOVED || !isMatch) {
          out.add(start, segments.stop(i));
        }
        start = segments.stop(i);
      }
    }
  }
}
