package io.lockstep.runtime.tokenizer;

/** Puts {@code content} in the place of what is found. */
record ReplaceText(Segmenter segmenter, String content) implements TextNormalizer {

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    if (text.isEmpty()) {
      return source;
    }
    NormalizedText.Builder out = new NormalizedText.Builder(text.length());
    Segments segments = new Segments();
    segmenter.in(text).segment(0, text.length(), segments);
    for (int i = 0; i < segments.count(); i++) {
      int start = segments.start(i);
      int stop = segments.stop(i);
      if (!segments.isMatch(i)) {
        out.add(source, start, stop);
      } else if (start < stop) {
        out.add(content, source.originalStart(start), source.originalStop(stop));
      } else {
        int place = start > 0 ? source.originalStop(start) : source.originalStart(0);
        out.add(content, place, place);
      }
    }
    return out.build();
  }

  /** The text with everything replaced. */
  String replace(String text) {
    return normalize(NormalizedText.of(text, 0, text.length())).text();
  }
}
