package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits words around the matches of a pattern; matches and the gaps between them all become words.
 * Every word is matched on its own: neither lookahead nor anchors see its neighbours.
 *
 * @param pattern compiled by {@link #compile}
 */
record RegexSplit(Pattern pattern) implements PreTokenizer {

  /**
   * A pattern in which {@code \s}, {@code \d} and {@code \w} have the meaning that Unicode gives
   * them, as in the engine that tokenizer.json is written for.
   */
  static Pattern compile(String pattern) {
    return Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS);
  }

  @Override
  public Words split(Words words) {
    String text = words.text().text();
    Words out = new Words(words.text());
    Matcher matcher = pattern.matcher(text);
    for (int word = 0; word < words.count(); word++) {
      int stop = words.stop(word);
      int gap = words.start(word);
      matcher.region(gap, stop);
      while (find(matcher)) {
        out.add(gap, matcher.start());
        out.add(matcher.start(), matcher.end());
        gap = matcher.end();
      }
      out.add(gap, stop);
    }
    return out;
  }

  private static boolean find(Matcher matcher) {
    try {
      return matcher.find();
    } catch (StackOverflowError e) {
      // The JDK's engine recurses in groups that repeat; the stack is whole again at this point.
      throw new InvalidInputException("the text repeats too much for the tokenizer's pattern", e);
    }
  }
}
