package io.lockstep.runtime.tokenizer;

/** Spells every word in the {@link ByteAlphabet}, one character for each byte of its UTF-8. */
record ByteLevelText() implements PreTokenizer, TextNormalizer {

  @Override
  public Words split(Words words) {
    return words.rewritten(ByteLevelText::append);
  }

  @Override
  public NormalizedText normalize(NormalizedText text) {
    return Words.whole(text).rewritten(ByteLevelText::append).text();
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
