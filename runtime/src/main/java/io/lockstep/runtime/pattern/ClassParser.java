package io.lockstep.runtime.pattern;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Reads escapes and classes in brackets. */
final class ClassParser {

  private static final int MAX_DEPTH = 32;

  private final PatternText in;
  private int depth;
  private boolean ignoresCase;

  ClassParser(PatternText in) {
    this.in = in;
  }

  /** Whether characters and ranges read from now on include those that differ in case alone. */
  void ignoreCase(boolean wanted) {
    ignoresCase = wanted;
  }

  boolean ignoresCase() {
    return ignoresCase;
  }

  /** The class whose opening bracket has been read. */
  IntPredicate bracketed() {
    if (++depth > MAX_DEPTH) {
      throw in.unsupported("nests classes too deeply");
    }
    boolean negated = in.take("^");
    IntPredicate all = union(true);
    while (in.take("&&")) {
      all = all.and(union(false));
    }
    if (!in.take("]")) {
      throw in.unsupported("does not close a class");
    }
    depth--;
    return negated ? all.negate() : all;
  }

  private IntPredicate union(boolean mayBeginWithBracket) {
    IntPredicate all = _ -> false;
    boolean isFirst = mayBeginWithBracket;
    while (!in.sees("&&") && (isFirst || !in.sees("]"))) {
      all = all.or(member());
      isFirst = false;
    }
    return all;
  }

  /** A character, a range, an escape or a class. */
  private IntPredicate member() {
    if (in.take("[:")) {
      boolean negated = in.take("^");
      IntPredicate named = property(in.until(":]"));
      return negated ? named.negate() : named;
    }
    if (in.take("[")) {
      return bracketed();
    }
    if (in.sees("\\")) {
      int mark = in.mark();
      in.next();
      IntPredicate set = setEscape();
      if (set != null) {
        return set;
      }
      in.rewind(mark);
    }
    int low = character();
    int mark = in.mark();
    if (!in.take("-")) {
      return range(low, low);
    }
    if (in.sees("]") || in.sees("[") || in.sees("&&")) {
      in.rewind(mark);
      return range(low, low);
    }
    int high = character();
    if (high < low) {
      throw in.unsupported("has a range that ends below its beginning");
    }
    return range(low, high);
  }

  /** The code points between two, both inclusive. */
  IntPredicate range(int low, int high) {
    IntPredicate exactly = codePoint -> codePoint >= low && codePoint <= high;
    if (!ignoresCase) {
      return exactly;
    }
    return codePoint -> {
      int upper = Character.toUpperCase(codePoint);
      int lower = Character.toLowerCase(upper);
      return exactly.test(codePoint)
          || exactly.test(upper)
          || exactly.test(lower)
          || exactly.test(Character.toUpperCase(lower));
    };
  }

  /** A character that may be escaped. */
  int character() {
    int codePoint = in.next();
    return codePoint == '\\' ? escaped() : codePoint;
  }

  /** The set that an escape stands for whose backslash has been read; null when it is none. */
  @Nullable IntPredicate setEscape() {
    int mark = in.mark();
    int sign = in.next();
    return switch (sign) {
      case 'd' -> Character::isDigit;
      case 'D' -> codePoint -> !Character.isDigit(codePoint);
      case 's' -> Characters::isWhiteSpace;
      case 'S' -> codePoint -> !Characters.isWhiteSpace(codePoint);
      case 'w' -> Characters::isWordCharacter;
      case 'W' -> codePoint -> !Characters.isWordCharacter(codePoint);
      case 'h' -> ClassParser::isHexadecimal;
      case 'H' -> codePoint -> !isHexadecimal(codePoint);
      case 'p', 'P' -> {
        boolean braced = in.take("{");
        boolean negated = braced && in.take("^");
        String name = braced ? in.until("}") : Character.toString(in.next());
        IntPredicate named = property(name);
        yield negated == (sign == 'P') ? named : named.negate();
      }
      default -> {
        in.rewind(mark);
        yield null;
      }
    };
  }

  private static boolean isHexadecimal(int codePoint) {
    return codePoint < 0x80 && Character.digit(codePoint, 16) >= 0;
  }

  private IntPredicate property(String name) {
    return UnicodeProperty.of(name)
        .orElseThrow(() -> in.unsupported("has a property '" + name + "' that is not known"));
  }

  /** The character that an escape stands for whose backslash has been read. */
  private int escaped() {
    int sign = in.next();
    return switch (sign) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'v' -> 0x0B;
      case 'a' -> 0x07;
      case 'e' -> 0x1B;
      case '0' -> 0;
      case 'x' -> in.hexadecimal(2);
      case 'u' -> in.hexadecimal(4);
      default -> {
        if (sign < 0x80 && Character.isLetterOrDigit(sign)) {
          throw in.unsupported("has an escape \\%c that is not supported".formatted(sign));
        }
        yield sign;
      }
    };
  }
}
