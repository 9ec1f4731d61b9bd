package io.lockstep.runtime.tokenizer;

/** Spells every word in the {@link ByteAlphabet}, one character for each byte of its UTF-8. */
record ByteLevelText() implements PreTokenizer {

  @Override
  public Words split(Words words) {
    NormalizedText text = words.text();
    NormalizedText.Builder bytes = new NormalizedText.Builder(text.length() + text.length() / 4);
    int[] stops = new int[words.count()];
    for (int word = 0; word < stops.length; word++) {
      append(text, words.start(word), words.stop(word), bytes);
      stops[word] = bytes.length();
    }
    Words out = new Words(bytes.build());
    int start = 0;
    for (int stop : stops) {
      out.add(start, stop);
      start = stop;
    }
    return out;
  }

  private static void append(NormalizedText text, int from, int to, NormalizedText.Builder out) {
    int next;
    for (int at = from; at < to; at = next) {
      int codePoint = text.text().codePointAt(at);
      next = Math.min(at + Character.charCount(codePoint), to);
      for (int i = 0; i < Utf8.length(codePoint); i++) {
        int value = Utf8.byteAt(codePoint, i);
        out.add(ByteAlphabet.character(value), text.originalStart(at), text.originalStop(next));
      }
    }
  }
}
