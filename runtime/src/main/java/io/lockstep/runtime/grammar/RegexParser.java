package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regular expressions, in what the dialects of ECMAScript, Java, Python and Rust have in
 * common. What they disagree on, such as letters beyond ASCII in {@code \w}, is left out, so that a
 * text of the expression is one to all of them.
 */
final class RegexParser {

  private static final int MAX_LENGTH = 1 << 13;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_REPEAT = 1000;

  /** Stand for anchors until it is known whether they are at an end of the text. */
  private static final Expression START = new Expression.Reference("^");

  private static final Expression END = new Expression.Reference("$");

  private static final Expression ANYTHING =
      new Expression.Repeat(new Expression.Characters(CodePoints.ALL), 0, Expression.UNBOUNDED);

  /** All but the line ends of ECMAScript and Java. */
  private static final Expression DOT =
      new Expression.Characters(
          CodePoints.complement(CodePoints.of('\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029)));

  private final RegexCharacters in;
  private int depth;

  private RegexParser(RegexCharacters in) {
    this.in = in;
  }

  /** Texts that match as a whole. */
  static Expression whole(String regex) {
    return anchored(parse(regex), Expression.EMPTY);
  }

  /** Texts in which there is a match. */
  static Expression containing(String regex) {
    return anchored(parse(regex), ANYTHING);
  }

  private static Expression parse(String regex) {
    if (regex.length() > MAX_LENGTH) {
      throw new InvalidInputException(
          "the regular expression has %d characters, more than %d"
              .formatted(regex.length(), MAX_LENGTH));
    }
    RegexParser parser = new RegexParser(new RegexCharacters(regex));
    Expression expression = parser.choice();
    if (!parser.in.isAtEnd()) {
      throw parser.in.wrong("a ')' closes nothing");
    }
    return expression;
  }

  /** Resolves anchors; {@code around} is what may stand before and after where there are none. */
  private static Expression anchored(Expression expression, Expression around) {
    if (expression instanceof Expression.Choice choice) {
      return new Expression.Choice(
          choice.options().stream().map(option -> anchored(option, around)).toList());
    }
    List<Expression> parts =
        new ArrayList<>(
            expression instanceof Expression.Sequence sequence
                ? sequence.parts()
                : List.of(expression));
    Expression before = around;
    Expression after = around;
    while (!parts.isEmpty() && parts.getFirst().equals(START)) {
      parts.removeFirst();
      before = Expression.EMPTY;
    }
    while (!parts.isEmpty() && parts.getLast().equals(END)) {
      parts.removeLast();
      after = Expression.EMPTY;
    }
    if (parts.size() == 1
        && before.equals(after)
        && (parts.getFirst() instanceof Expression.Choice
            || parts.getFirst() instanceof Expression.Sequence)) {
      return anchored(parts.getFirst(), before);
    }
    parts.forEach(RegexParser::refuseAnchors);
    parts.addFirst(before);
    parts.addLast(after);
    return new Expression.Sequence(List.copyOf(parts));
  }

  private static void refuseAnchors(Expression expression) {
    switch (expression) {
      case Expression.Reference _ ->
          throw new InvalidInputException(
              "regular expression: ^ and $ are supported at the ends of an alternative only");
      case Expression.Choice choice -> choice.options().forEach(RegexParser::refuseAnchors);
      case Expression.Sequence sequence -> sequence.parts().forEach(RegexParser::refuseAnchors);
      case Expression.Repeat repeat -> refuseAnchors(repeat.part());
      case Expression.Characters _, Expression.Automaton _ -> {}
    }
  }

  private Expression choice() {
    if (++depth > MAX_DEPTH) {
      throw in.wrong("groups are nested too deeply");
    }
    List<Expression> options = new ArrayList<>();
    do {
      List<Expression> parts = new ArrayList<>();
      while (!in.isAtEnd() && in.peek() != '|' && in.peek() != ')') {
        parts.add(repeated(single()));
      }
      options.add(parts.size() == 1 ? parts.getFirst() : new Expression.Sequence(parts));
    } while (in.take("|"));
    depth--;
    return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
  }

  private Expression single() {
    char sign = in.peek();
    if (in.take("(")) {
      skipGroupHead();
      Expression group = choice();
      if (!in.take(")")) {
        throw in.wrong("a group is not closed");
      }
      return group;
    }
    if (sign == '*' || sign == '+' || sign == '?' || sign == '{') {
      throw in.wrong("'" + sign + "' repeats nothing");
    }
    int codePoint = in.next();
    return switch (codePoint) {
      case '^' -> START;
      case '$' -> END;
      case '.' -> DOT;
      case '[' -> new Expression.Characters(in.characterClass());
      case '\\' -> new Expression.Characters(in.escape(false));
      default -> Expression.characters(codePoint, codePoint);
    };
  }

  private void skipGroupHead() {
    if (!in.take("?") || in.take(":")) {
      return;
    }
    boolean named = in.take("P<") || in.take("<");
    if (!named || in.peek() == '=' || in.peek() == '!') {
      throw in.wrong("look-around and flags are not supported");
    }
    while (in.next() != '>') {
      // The name of a group means nothing here.
    }
  }

  private Expression repeated(Expression part) {
    int min;
    int max;
    if (in.take("*")) {
      min = 0;
      max = Expression.UNBOUNDED;
    } else if (in.take("+")) {
      min = 1;
      max = Expression.UNBOUNDED;
    } else if (in.take("?")) {
      min = 0;
      max = 1;
    } else if (in.take("{")) {
      min = in.number(MAX_REPEAT);
      max = !in.take(",") ? min : in.peek() == '}' ? Expression.UNBOUNDED : in.number(MAX_REPEAT);
      if (!in.take("}") || (max != Expression.UNBOUNDED && max < min)) {
        throw in.wrong("a repetition is {3}, {2,} or {1,3}");
      }
    } else {
      return part;
    }
    if (in.take("+")) {
      throw in.wrong("possessive repetitions are not supported");
    }
    in.take("?"); // the fewest or the most: the same texts
    if ("*+?{".indexOf(in.peek()) >= 0 && !in.isAtEnd()) {
      throw in.wrong("a repetition is repeated");
    }
    return new Expression.Repeat(part, min, max);
  }
}
