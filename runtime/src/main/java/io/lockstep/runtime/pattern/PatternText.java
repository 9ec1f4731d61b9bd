package io.lockstep.runtime.pattern;

import io.lockstep.runtime.error.UnsupportedModelException;

/** The characters of a regular expression, read one after the other. */
final class PatternText {

  private final String text;
  private int at;

  PatternText(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return at == text.length();
  }

  /** Whether the next characters are these. */
  boolean sees(String sign) {
    return text.startsWith(sign, at);
  }

  boolean take(String sign) {
    if (!sees(sign)) {
      return false;
    }
    at += sign.length();
    return true;
  }

  int next() {
    if (isAtEnd()) {
      throw unsupported("ends too early");
    }
    int codePoint = text.codePointAt(at);
    at += Character.charCount(codePoint);
    return codePoint;
  }

  /** The characters before {@code end}, which is taken too. */
  String until(String end) {
    int stop = text.indexOf(end, at);
    if (stop < 0) {
      throw unsupported("lacks a '" + end + "'");
    }
    String found = text.substring(at, stop);
    at = stop + end.length();
    return found;
  }

  /** A number in decimal digits; {@code otherwise} when there are none. */
  int number(int otherwise) {
    if (isAtEnd() || !isDigit(text.charAt(at))) {
      return otherwise;
    }
    int value = 0;
    while (!isAtEnd() && isDigit(text.charAt(at))) {
      value = Math.min(value * 10 + text.charAt(at++) - '0', 1 << 20);
    }
    return value;
  }

  /** {@code digits} hexadecimal digits, or as many as a pair of braces holds. */
  int hexadecimal(int digits) {
    String spelling;
    if (take("{")) {
      spelling = until("}");
    } else {
      int stop = Math.min(at + digits, text.length());
      spelling = text.substring(at, stop);
      at = stop;
    }
    try {
      int value = Integer.parseInt(spelling, 16);
      if (Character.isValidCodePoint(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // No number: refused as one that is no character.
    }
    throw unsupported("has an escape that is no character");
  }

  int mark() {
    return at;
  }

  void rewind(int mark) {
    at = mark;
  }

  UnsupportedModelException unsupported(String what) {
    return new UnsupportedModelException(
        "the pattern '%s' %s at character %d"
            .formatted(text.length() > 80 ? text.substring(0, 80) + "..." : text, what, at));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
