package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;

/** Drops white space at the ends of a text. */
record StripText(boolean left, boolean right) implements TextNormalizer {

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    int from = 0;
    int to = text.length();
    while (left && from < to && Characters.isWhiteSpace(text.charAt(from))) {
      from++;
    }
    while (right && to > from && Characters.isWhiteSpace(text.charAt(to - 1))) {
      to--;
    }
    NormalizedText.Builder out = new NormalizedText.Builder(to - from);
    out.add(source, from, to);
    return out.build();
  }
}
