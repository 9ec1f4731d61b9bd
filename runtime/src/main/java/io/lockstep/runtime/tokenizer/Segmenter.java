package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.PatternMatcher;
import io.lockstep.runtime.pattern.TextPattern;
import java.util.function.IntPredicate;

/** What is sought in texts, to split them there or to replace it; stateless. */
interface Segmenter {

  /** The search in one text. */
  interface Search {

    /** Adds the matches in code units {@code from} to {@code to} and the gaps around them. */
    void segment(int from, int to, Segments out);
  }

  Search in(String text);

  /** The matches of a pattern. */
  static Segmenter pattern(TextPattern pattern) {
    return text -> {
      PatternMatcher matcher = pattern.matcher(text);
      return (from, to, out) -> {
        out.begin(from);
        matcher.region(from, to);
        while (matcher.find()) {
          out.match(matcher.start(), matcher.end());
        }
        out.gap(to);
      };
    };
  }

  /** The places where exactly {@code literal} stands; none for the empty text. */
  static Segmenter literal(String literal) {
    return text ->
        (from, to, out) -> {
          out.begin(from);
          int start = literal.isEmpty() ? -1 : text.indexOf(literal, from, to);
          while (start >= 0) {
            out.match(start, start + literal.length());
            start = text.indexOf(literal, start + literal.length(), to);
          }
          out.gap(to);
        };
  }

  /** Every single character of a class. */
  static Segmenter characters(IntPredicate members) {
    return text ->
        (from, to, out) -> {
          out.begin(from);
          int next;
          for (int at = from; at < to; at = next) {
            int codePoint = text.codePointAt(at);
            next = Math.min(at + Character.charCount(codePoint), to);
            if (members.test(codePoint)) {
              out.match(at, next);
            }
          }
          out.gap(to);
        };
  }
}
