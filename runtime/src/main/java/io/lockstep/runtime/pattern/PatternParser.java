package io.lockstep.runtime.pattern;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads regular expressions as Oniguruma does by default, which is what tokenizer.json is written
 * for: {@code ^} and {@code $} are the ends of lines, {@code \h} is a hexadecimal digit, {@code
 * {2}+} repeats a repetition, {@code (?m)} lets the dot match line ends. Classes are Unicode's.
 */
final class PatternParser {

  private static final int MAX_LENGTH = 1 << 13;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_REPEAT = 1000;

  private final PatternText in;
  private final ClassParser classes;
  private boolean dotIsAll;
  private int depth;

  private PatternParser(String pattern) {
    in = new PatternText(pattern);
    classes = new ClassParser(in);
  }

  /**
   * Reads a pattern.
   *
   * @throws UnsupportedModelException when it is damaged or has what is not supported
   */
  static Syntax parse(String pattern) {
    if (pattern.length() > MAX_LENGTH) {
      throw new UnsupportedModelException(
          "a pattern has %d characters, more than %d".formatted(pattern.length(), MAX_LENGTH));
    }
    PatternParser parser = new PatternParser(pattern);
    Syntax syntax = parser.choice();
    if (!parser.in.isAtEnd()) {
      throw parser.in.unsupported("closes a group that is not open");
    }
    return syntax;
  }

  /** Alternatives up to the end of the group; flags set in it end with it. */
  private Syntax choice() {
    if (++depth > MAX_DEPTH) {
      throw in.unsupported("nests groups too deeply");
    }
    boolean ignoredCase = classes.ignoresCase();
    boolean dotWasAll = dotIsAll;
    List<Syntax> options = new ArrayList<>();
    do {
      List<Syntax> parts = new ArrayList<>();
      while (!in.isAtEnd() && !in.sees("|") && !in.sees(")")) {
        parts.add(repeated(single()));
      }
      options.add(parts.size() == 1 ? parts.getFirst() : new Syntax.Sequence(parts));
    } while (in.take("|"));
    classes.ignoreCase(ignoredCase);
    dotIsAll = dotWasAll;
    depth--;
    return options.size() == 1 ? options.getFirst() : new Syntax.Choice(options);
  }

  private Syntax single() {
    if (in.take("(")) {
      return group();
    }
    if (in.take("[")) {
      return one(classes.bracketed());
    }
    if (in.take("^")) {
      return Syntax.Place.LINE_START;
    }
    if (in.take("$")) {
      return Syntax.Place.LINE_END;
    }
    if (in.take(".")) {
      return one(dotIsAll ? _ -> true : codePoint -> codePoint != '\n');
    }
    if (in.sees("*") || in.sees("+") || in.sees("?")) {
      throw in.unsupported("repeats nothing");
    }
    if (in.sees("\\")) {
      int mark = in.mark();
      in.next();
      Syntax escape = escape();
      if (escape != null) {
        return escape;
      }
      in.rewind(mark);
    }
    int character = classes.character();
    return one(classes.range(character, character));
  }

  private static Syntax one(IntPredicate members) {
    return new Syntax.One(CharacterSet.of(members));
  }

  /** A set or a place; null when the escape is a character. */
  private @Nullable Syntax escape() {
    IntPredicate set = classes.setEscape();
    if (set != null) {
      return one(set);
    }
    for (String sign : List.of("A", "z", "Z", "b", "B")) {
      if (in.take(sign)) {
        return switch (sign) {
          case "A" -> Syntax.Place.TEXT_START;
          case "z" -> Syntax.Place.TEXT_END;
          case "Z" -> Syntax.Place.LAST_LINE_END;
          case "b" -> Syntax.Place.WORD_EDGE;
          default -> Syntax.Place.NO_WORD_EDGE;
        };
      }
    }
    return null;
  }

  /** A group whose parenthesis has been read. */
  private Syntax group() {
    if (!in.take("?") || in.take(":")) {
      return closed(choice());
    }
    if (in.take(">")) {
      return new Syntax.Atomic(closed(choice()));
    }
    if (in.take("=")) {
      return new Syntax.Look(closed(choice()), 0, false);
    }
    if (in.take("!")) {
      return new Syntax.Look(closed(choice()), 0, true);
    }
    if (in.take("<=")) {
      return lookBehind(false);
    }
    if (in.take("<!")) {
      return lookBehind(true);
    }
    if (in.take("<")) {
      in.until(">"); // the name of a group means nothing here
      return closed(choice());
    }
    return flags();
  }

  private Syntax lookBehind(boolean isNegated) {
    Syntax part = closed(choice());
    int width = Syntax.width(part);
    if (width == Syntax.UNBOUNDED) {
      throw in.unsupported("looks behind for matches of differing length");
    }
    return new Syntax.Look(part, width, isNegated);
  }

  /** {@code (?i:...)}, or {@code (?i)}, which reaches to the end of the group around it. */
  private Syntax flags() {
    boolean ignoredCase = classes.ignoresCase();
    boolean dotWasAll = dotIsAll;
    boolean on = true;
    while (!in.sees(":") && !in.sees(")")) {
      if (in.take("-")) {
        on = false;
      } else if (in.take("i")) {
        classes.ignoreCase(on);
      } else if (in.take("m")) {
        dotIsAll = on;
      } else {
        throw in.unsupported("has a group of a kind that is not supported");
      }
    }
    boolean isGroup = in.take(":");
    if (!isGroup) {
      in.take(")");
    }
    Syntax rest = choice();
    classes.ignoreCase(ignoredCase);
    dotIsAll = dotWasAll;
    return isGroup ? closed(rest) : rest;
  }

  private Syntax closed(Syntax syntax) {
    if (!in.take(")")) {
      throw in.unsupported("does not close a group");
    }
    return syntax;
  }

  private Syntax repeated(Syntax part) {
    Syntax whole = part;
    while (true) {
      int min = 0;
      int max = Syntax.UNBOUNDED;
      boolean isCounted = false;
      if (in.take("+")) {
        min = 1;
      } else if (in.take("?")) {
        max = 1;
      } else if (!in.take("*")) {
        int mark = in.mark();
        isCounted = in.take("{");
        int first = in.number(-1);
        int last = !in.take(",") ? first : in.number(Syntax.UNBOUNDED);
        if (!isCounted || Math.max(first, last) < 0 || !in.take("}")) {
          in.rewind(mark); // a brace that is a character
          return whole;
        }
        min = Math.max(first, 0);
        max = last;
      }
      whole = repeat(whole, min, max, !isCounted);
    }
  }

  private Syntax repeat(Syntax part, int min, int max, boolean mayBePossessive) {
    if (min > MAX_REPEAT || max > MAX_REPEAT || (max >= 0 && max < min)) {
      throw in.unsupported("has a repetition out of order or above " + MAX_REPEAT);
    }
    if (max == Syntax.UNBOUNDED && Syntax.mayBeEmpty(part)) {
      throw in.unsupported("repeats without limit what may be empty");
    }
    if (mayBePossessive && in.take("+")) {
      return new Syntax.Atomic(new Syntax.Repeat(part, min, max, true));
    }
    return new Syntax.Repeat(part, min, max, !in.take("?"));
  }
}
