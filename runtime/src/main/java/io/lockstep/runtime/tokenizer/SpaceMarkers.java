package io.lockstep.runtime.tokenizer;

/**
 * SentencePiece's way with spaces: each becomes {@link #MARKER}, and the text begins with one more.
 *
 * @param prefix whether a marker is put before the text
 */
record SpaceMarkers(boolean prefix) implements TextNormalizer {

  /** Stands for a space in vocabularies: lower one eighth block. */
  static final char MARKER = '\u2581';

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    NormalizedText.Builder out = new NormalizedText.Builder(text.length() + 1);
    if (prefix && !text.isEmpty()) {
      out.add(MARKER, source.originalStart(0), source.originalStart(0));
    }
    int next;
    for (int at = 0; at < text.length(); at = next) {
      int codePoint = text.codePointAt(at);
      next = at + Character.charCount(codePoint);
      out.add(
          codePoint == ' ' ? MARKER : codePoint,
          source.originalStart(at),
          source.originalStop(next));
    }
    return out.build();
  }
}
