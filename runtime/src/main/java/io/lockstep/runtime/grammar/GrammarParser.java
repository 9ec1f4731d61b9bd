package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the text form of a grammar; see docs/structured-output.md. */
final class GrammarParser {

  private static final int MAX_LENGTH = 1 << 16;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_REPEAT = 1000;

  private final String text;
  private int at;
  private int depth;

  private GrammarParser(String text) {
    this.text = text;
  }

  /** The rules, {@code root} first. */
  static Map<String, Expression> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new InvalidInputException(
          "the grammar has %d characters, more than %d".formatted(text.length(), MAX_LENGTH));
    }
    GrammarParser parser = new GrammarParser(text);
    Map<String, Expression> rules = new LinkedHashMap<>();
    parser.skipSpace();
    while (parser.at < text.length()) {
      String name = parser.name();
      parser.skipSpace();
      parser.expect("::=");
      if (rules.put(name, parser.choice()) != null) {
        throw parser.wrong("rule '" + name + "' is there twice");
      }
    }
    Expression root = rules.get("root");
    if (root == null) {
      throw new InvalidInputException("the grammar has no rule 'root'");
    }
    Map<String, Expression> ordered = new LinkedHashMap<>();
    ordered.put("root", root);
    ordered.putAll(rules);
    return ordered;
  }

  private Expression choice() {
    if (++depth > MAX_DEPTH) {
      throw wrong("groups are nested too deeply");
    }
    List<Expression> options = new ArrayList<>();
    do {
      options.add(sequence());
    } while (take('|'));
    depth--;
    return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
  }

  private Expression sequence() {
    List<Expression> parts = new ArrayList<>();
    skipSpace();
    while (at < text.length() && "|)".indexOf(text.charAt(at)) < 0 && !atRule()) {
      parts.add(repeated(single()));
      skipSpace();
    }
    return new Expression.Sequence(parts);
  }

  private Expression single() {
    char sign = text.charAt(at);
    if (take('"')) {
      StringBuilder literal = new StringBuilder();
      while (!take('"')) {
        literal.appendCodePoint(character());
      }
      return Expression.literal(literal.toString());
    }
    if (take('[')) {
      return characters();
    }
    if (take('(')) {
      Expression group = choice();
      expect(")");
      return group;
    }
    if (take('.')) {
      return new Expression.Characters(CodePoints.ALL);
    }
    if (!isNameCharacter(sign)) {
      throw wrong("'" + sign + "' begins nothing");
    }
    return new Expression.Reference(name());
  }

  private Expression repeated(Expression part) {
    if (take('*')) {
      return new Expression.Repeat(part, 0, Expression.UNBOUNDED);
    }
    if (take('+')) {
      return new Expression.Repeat(part, 1, Expression.UNBOUNDED);
    }
    if (take('?')) {
      return new Expression.Repeat(part, 0, 1);
    }
    if (!take('{')) {
      return part;
    }
    int min = number();
    int max = min;
    if (take(',')) {
      max = at < text.length() && text.charAt(at) == '}' ? Expression.UNBOUNDED : number();
    }
    expect("}");
    if (max != Expression.UNBOUNDED && max < min) {
      throw wrong("a repetition ends below its beginning");
    }
    return new Expression.Repeat(part, min, max);
  }

  private Expression characters() {
    boolean negated = take('^');
    List<Range> ranges = new ArrayList<>();
    while (!take(']')) {
      int low = character();
      boolean isRange =
          at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
      int high = low;
      if (isRange) {
        at++;
        high = character();
      }
      if (high < low) {
        throw wrong("a range ends below its beginning");
      }
      ranges.add(new Range(low, high));
    }
    return new Expression.Characters(negated ? CodePoints.complement(ranges) : ranges);
  }

  /** A character of a literal or a class, escaped or not. */
  private int character() {
    if (at >= text.length()) {
      throw wrong("a literal or a class is not closed");
    }
    int codePoint = text.codePointAt(at);
    at += Character.charCount(codePoint);
    if (codePoint != '\\' || at >= text.length()) {
      return codePoint;
    }
    char escaped = text.charAt(at++);
    return switch (escaped) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'x' -> hexadecimal(2);
      case 'u' -> hexadecimal(4);
      default -> escaped;
    };
  }

  private int hexadecimal(int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0) {
        throw wrong("an escape needs " + digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
      at++;
    }
    return value;
  }

  private int number() {
    int value = 0;
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = Math.min(value * 10 + text.charAt(at++) - '0', MAX_REPEAT + 1);
    }
    if (at == start || value > MAX_REPEAT) {
      throw wrong("a repetition needs a number up to " + MAX_REPEAT);
    }
    return value;
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNameCharacter(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw wrong("the name of a rule is missing");
    }
    return text.substring(start, at);
  }

  /** Whether a new rule begins here. */
  private boolean atRule() {
    int start = at;
    while (at < text.length() && isNameCharacter(text.charAt(at))) {
      at++;
    }
    boolean named = at > start;
    skipSpace();
    boolean rule = named && text.startsWith("::=", at);
    at = start;
    return rule;
  }

  private static boolean isNameCharacter(char sign) {
    return (sign >= 'a' && sign <= 'z')
        || (sign >= 'A' && sign <= 'Z')
        || (sign >= '0' && sign <= '9')
        || sign == '-'
        || sign == '_';
  }

  private boolean take(char sign) {
    if (at < text.length() && text.charAt(at) == sign) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(String sign) {
    if (!text.startsWith(sign, at)) {
      throw wrong("'" + sign + "' is missing");
    }
    at += sign.length();
  }

  /** White space, line ends and comments. */
  private void skipSpace() {
    while (at < text.length()) {
      char sign = text.charAt(at);
      if (sign == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (sign == ' ' || sign == '\t' || sign == '\n' || sign == '\r') {
        at++;
      } else {
        return;
      }
    }
  }

  private InvalidInputException wrong(String what) {
    return new InvalidInputException("grammar, character %d: %s".formatted(at + 1, what));
  }
}
