package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;

/** Splits at white space, and around every punctuation mark, which is a word of its own. */
record BertPreTokenizer() implements PreTokenizer {

  @Override
  public Words split(Words words) {
    Words out = new Words(words.text());
    for (int word = 0; word < words.count(); word++) {
      split(words.text().text(), words.start(word), words.stop(word), out);
    }
    return out;
  }

  private static void split(String text, int from, int to, Words out) {
    int wordStart = from;
    int next;
    for (int at = from; at < to; at = next) {
      int codePoint = text.codePointAt(at);
      next = Math.min(at + Character.charCount(codePoint), to);
      boolean space = Characters.isWhiteSpace(codePoint);
      if (space || Characters.isPunctuation(codePoint)) {
        out.add(wordStart, at);
        if (!space) {
          out.add(at, next);
        }
        wordStart = next;
      }
    }
    out.add(wordStart, to);
  }
}
