package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.TextPattern;

/**
 * Splits words where something is found in them. Every word is searched on its own: neither
 * lookahead nor anchors see its neighbours.
 *
 * @param inverted whether what lies between the matches is treated as the matches are
 */
record TextSplit(Segmenter segmenter, SplitBehavior behavior, boolean inverted)
    implements PreTokenizer {

  /** Matches and the gaps between them all become words. */
  static TextSplit isolating(String pattern) {
    return new TextSplit(
        Segmenter.pattern(TextPattern.compile(pattern)), SplitBehavior.ISOLATED, false);
  }

  @Override
  public Words split(Words words) {
    Words out = new Words(words.text());
    Segments segments = new Segments();
    Segmenter.Search search = segmenter.in(words.text().text());
    for (int word = 0; word < words.count(); word++) {
      search.segment(words.start(word), words.stop(word), segments);
      behavior.apply(segments, inverted, out);
    }
    return out;
  }
}
