package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the characters, escapes and classes of a regular expression one after the other. */
final class RegexCharacters {

  private static final List<Range> DIGITS = CodePoints.of('0', '9');
  private static final List<Range> WORD = CodePoints.of('0', '9', 'A', 'Z', 'a', 'z', '_', '_');

  /** White space in all dialects. */
  private static final List<Range> SPACES = CodePoints.of('\t', '\r', ' ', ' ');

  /** White space in any dialect: that of ECMAScript's {@code \s} and of Unicode. */
  private static final List<Range> ALL_SPACES =
      CodePoints.of(
          '\t', '\r', 0x1C, ' ', 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028,
          0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);

  /** Letters and digits of other scripts are in {@code \w} of some dialects. */
  private static final List<Range> BEYOND_ASCII = CodePoints.of(0x80, Character.MAX_CODE_POINT);

  private final String text;
  private int at;

  RegexCharacters(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return at == text.length();
  }

  /** The next character; a zero at the end. */
  char peek() {
    return isAtEnd() ? 0 : text.charAt(at);
  }

  boolean take(String sign) {
    if (text.startsWith(sign, at)) {
      at += sign.length();
      return true;
    }
    return false;
  }

  int next() {
    if (isAtEnd()) {
      throw wrong("it ends too early");
    }
    int codePoint = text.codePointAt(at);
    at += Character.charCount(codePoint);
    return codePoint;
  }

  /** A number in decimal digits, at most {@code max}. */
  int number(int max) {
    int value = 0;
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      value = Math.min(value * 10 + next() - '0', max + 1);
    }
    if (at == start || value > max) {
      throw wrong("a repetition needs a number up to " + max);
    }
    return value;
  }

  /** The characters of a class whose opening bracket has been read. */
  List<Range> characterClass() {
    boolean negated = take("^");
    if (peek() == ']') {
      throw wrong("a class is empty, or its ']' needs a backslash");
    }
    List<Range> ranges = new ArrayList<>();
    while (!take("]")) {
      List<Range> low = classAtom(negated);
      boolean isRange = peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']';
      if (isRange && isSingle(low)) {
        at++;
        List<Range> high = classAtom(negated);
        if (!isSingle(high) || high.getFirst().high() < low.getFirst().low()) {
          throw wrong("a range ends below its beginning, or is none");
        }
        ranges.add(new Range(low.getFirst().low(), high.getFirst().high()));
      } else {
        ranges.addAll(low);
      }
    }
    return negated ? CodePoints.complement(ranges) : ranges;
  }

  private static boolean isSingle(List<Range> ranges) {
    return ranges.size() == 1 && ranges.getFirst().low() == ranges.getFirst().high();
  }

  private List<Range> classAtom(boolean negated) {
    if (take("[:")) {
      throw wrong("classes by name, such as [:alpha:], are not supported");
    }
    if (take("\\")) {
      return take("b") ? CodePoints.of('\b', '\b') : escape(negated);
    }
    int codePoint = next();
    return CodePoints.of(codePoint, codePoint);
  }

  /**
   * What an escape means whose backslash has been read.
   *
   * @param widest whether to include what is in its class in some dialects only; it is to be
   *     excluded then
   */
  List<Range> escape(boolean widest) {
    int sign = next();
    return switch (sign) {
      case 'd' -> widest ? union(DIGITS, BEYOND_ASCII) : DIGITS;
      case 'D' -> excluded(DIGITS, widest);
      case 'w' -> widest ? union(WORD, BEYOND_ASCII) : WORD;
      case 'W' -> excluded(WORD, widest);
      case 's' -> widest ? ALL_SPACES : SPACES;
      case 'S' -> CodePoints.complement(widest ? SPACES : ALL_SPACES);
      case 'p', 'P' -> category(sign == 'P');
      case 't' -> single('\t');
      case 'n' -> single('\n');
      case 'r' -> single('\r');
      case 'f' -> single('\f');
      case 'v' -> single(0x0B);
      case 'x' -> single(hexadecimal(2));
      case 'u' -> single(take("{") ? braced() : unit());
      default -> {
        if ((sign >= '0' && sign <= '9') || sign == 'k' || sign == 'g') {
          throw wrong("references to groups are not supported");
        }
        if (Set.of('b', 'B', 'A', 'z', 'Z', 'G').contains((char) sign)) {
          throw wrong("the assertion \\%c is not supported".formatted(sign));
        }
        if ((sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z')) {
          throw wrong("the escape \\%c is not supported".formatted(sign));
        }
        yield single(sign);
      }
    };
  }

  private static List<Range> single(int codePoint) {
    return CodePoints.of(codePoint, codePoint);
  }

  private static List<Range> union(List<Range> first, List<Range> second) {
    List<Range> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static List<Range> excluded(List<Range> ranges, boolean widest) {
    return CodePoints.complement(widest ? ranges : union(ranges, BEYOND_ASCII));
  }

  /** A general category of Unicode, such as {@code L} or {@code {Lu}}. */
  private List<Range> category(boolean negated) {
    StringBuilder name = new StringBuilder();
    if (take("{")) {
      while (!take("}")) {
        name.appendCodePoint(next());
      }
    } else {
      name.appendCodePoint(next());
    }
    List<Range> ranges = UnicodeCategories.ranges(name.toString());
    if (ranges.isEmpty()) {
      throw wrong("\\p knows general categories such as L or Lu, but not '" + name + "'");
    }
    return negated ? CodePoints.complement(ranges) : ranges;
  }

  private int braced() {
    int value = 0;
    do {
      int digit = Character.digit(next(), 16);
      value = value * 16 + digit;
      if (digit < 0 || value > Character.MAX_CODE_POINT) {
        throw wrong("an escape is no code point");
      }
    } while (!take("}"));
    return value;
  }

  /** A UTF-16 unit, or two that make one character. */
  private int unit() {
    int high = hexadecimal(4);
    int start = at;
    if (Character.isHighSurrogate((char) high) && take("\\u")) {
      int low = hexadecimal(4);
      if (Character.isLowSurrogate((char) low)) {
        return Character.toCodePoint((char) high, (char) low);
      }
      at = start;
    }
    return high;
  }

  private int hexadecimal(int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = Character.digit(next(), 16);
      if (digit < 0) {
        throw wrong("an escape needs " + digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return value;
  }

  InvalidInputException wrong(String what) {
    return new InvalidInputException("regular expression, character %d: %s".formatted(at, what));
  }
}
