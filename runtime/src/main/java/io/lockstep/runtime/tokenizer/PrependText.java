package io.lockstep.runtime.tokenizer;

/** Puts something before every text that is not empty. */
record PrependText(String prefix) implements TextNormalizer {

  @Override
  public NormalizedText normalize(NormalizedText source) {
    int length = source.length();
    if (length == 0) {
      return source;
    }
    NormalizedText.Builder out = new NormalizedText.Builder(length + prefix.length());
    out.add(prefix, source.originalStart(0), source.originalStart(0));
    out.add(source, 0, length);
    return out.build();
  }
}
