package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.pattern.TextPattern;

/** Reads a {@code pattern}: {@code {"String": ...}} or {@code {"Regex": ...}}. */
final class SegmenterReader {

  private SegmenterReader() {}

  static Segmenter read(JsonField pattern, UnsupportedParts unsupported) {
    JsonField literal = pattern.get("String");
    if (!literal.isAbsent()) {
      return Segmenter.literal(literal.text());
    }
    JsonField regex = pattern.get("Regex");
    if (regex.isAbsent()) {
      throw pattern.expected("a String or a Regex");
    }
    try {
      return Segmenter.pattern(TextPattern.compile(regex.text()));
    } catch (UnsupportedModelException e) {
      unsupported.add(regex, "(" + e.getMessage() + ")");
      return Segmenter.literal("");
    }
  }
}
