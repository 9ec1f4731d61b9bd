package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Arc;
import io.lockstep.runtime.grammar.Expression.Range;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rules of a grammar in the making, with expressions for the texts of JSON. */
final class JsonRules {

  /** Rules beyond which a schema is refused. */
  private static final int MAX_RULES = 4000;

  static final Expression SPACE = new Expression.Reference("ws");
  static final Expression ANY = new Expression.Reference("value");

  /** Characters that may stand in a string as they are (RFC 8259, section 7). */
  private static final List<Range> PLAIN =
      CodePoints.of(0x20, 0x21, 0x23, 0x5B, 0x5D, 0xD7FF, 0xE000, Character.MAX_CODE_POINT);

  private static final Map<Integer, String> SHORT_ESCAPES =
      Map.of(
          (int) '"',
          "\\\"",
          (int) '\\',
          "\\\\",
          (int) '\b',
          "\\b",
          (int) '\f',
          "\\f",
          (int) '\n',
          "\\n",
          (int) '\r',
          "\\r",
          (int) '\t',
          "\\t");

  private final Map<String, Expression> rules = new LinkedHashMap<>();
  private final Map<Object, Expression> named = new HashMap<>(); // by what they describe

  JsonRules() {
    rules.put("root", Expression.NOTHING);
    rules.putAll(GrammarParser.parse("root ::= value\n" + Grammar.JSON_RULES));
  }

  /** All rules, the one for the whole text first. */
  Map<String, Expression> withRoot(Expression root) {
    Map<String, Expression> all = new LinkedHashMap<>(rules);
    all.put("root", root);
    return all;
  }

  /**
   * A reference to the rule for {@code key}, which is made when it is first asked for; the maker
   * may ask for it, too.
   */
  Expression named(Object key, String name, Supplier<Expression> maker) {
    Expression known = named.get(key);
    if (known != null) {
      return known;
    }
    if (rules.size() >= MAX_RULES) {
      throw new InvalidInputException("the schema has more than " + MAX_RULES + " parts");
    }
    String unique = name + " " + rules.size(); // no rule of a text has a space in its name
    Expression reference = new Expression.Reference(unique);
    named.put(key, reference);
    rules.put(unique, Expression.NOTHING);
    rules.put(unique, maker.get());
    return reference;
  }

  /** A string whose content follows {@code raw}, which has no references. */
  Expression string(Expression raw) {
    return quoted(escaped(raw));
  }

  /** A string of {@code min} to {@code max} characters. */
  static Expression string(int min, int max) {
    return quoted(new Expression.Repeat(new Expression.Reference("character"), min, max));
  }

  private static Expression quoted(Expression content) {
    return Expression.sequence(Expression.literal("\""), content, Expression.literal("\""));
  }

  /** The same with all characters as they are written in strings. */
  private Expression escaped(Expression raw) {
    return switch (raw) {
      case Expression.Characters characters -> escaped(characters);
      case Expression.Sequence sequence ->
          new Expression.Sequence(sequence.parts().stream().map(this::escaped).toList());
      case Expression.Choice choice ->
          new Expression.Choice(choice.options().stream().map(this::escaped).toList());
      case Expression.Repeat repeat ->
          new Expression.Repeat(escaped(repeat.part()), repeat.min(), repeat.max());
      case Expression.Automaton automaton ->
          new Expression.Automaton(
              automaton.arcs().stream()
                  .map(arcs ->
                      arcs.stream().map(arc -> new Arc(escaped(arc.part()), arc.target())).toList())
                  .toList(),
              automaton.end());
      case Expression.Reference reference ->
          throw new IllegalArgumentException("a reference to " + reference.rule());
    };
  }

  private Expression escaped(Expression.Characters characters) {
    List<Range> plain = CodePoints.both(characters.ranges(), PLAIN);
    List<Expression> options = new ArrayList<>();
    options.add(new Expression.Characters(plain));
    for (Range range : CodePoints.both(characters.ranges(), CodePoints.complement(PLAIN))) {
      for (int point = range.low(); point <= range.high() && point < 0x80; point++) {
        options.add(Expression.literal(escape(point)));
      }
    }
    boolean isSmall = options.size() == 1 && plain.stream().allMatch(range -> range.high() < 0x80);
    Expression all = new Expression.Choice(options);
    return isSmall ? options.getFirst() : named(characters, "characters", () -> all);
  }

  /** Whether a character may stand in a string as it is. */
  static boolean isPlain(int codePoint) {
    return codePoint >= 0x20
        && codePoint != '"'
        && codePoint != '\\'
        && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
  }

  private static String escape(int codePoint) {
    return SHORT_ESCAPES.getOrDefault(codePoint, "\\u%04x".formatted(codePoint));
  }

  /** Exactly this value, with optional spaces between its parts. */
  static Expression literal(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        List<Expression> members = new ArrayList<>();
        map.forEach((key, member) -> members.add(member(String.valueOf(key), literal(member))));
        yield enclosed("{", separated(members), "}");
      }
      case List<?> list ->
          enclosed("[", separated(list.stream().map(JsonRules::literal).toList()), "]");
      case null, default -> Expression.literal(text(value));
    };
  }

  /** The text of a value that is neither an object nor an array. */
  static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints()
            .forEach(point -> {
              if (isPlain(point)) {
                quoted.appendCodePoint(point);
              } else {
                quoted.append(escape(point));
              }
            });
        yield quoted.append('"').toString();
      }
      case Boolean flag -> flag.toString();
      case Number number -> {
        BigDecimal decimal = decimal(number);
        yield decimal.scale() <= 0 && decimal.precision() - decimal.scale() <= 30
            ? decimal.toBigInteger().toString()
            : decimal.toString();
      }
      default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
    };
  }

  /** A number without needless digits. */
  static BigDecimal decimal(Number number) {
    BigDecimal decimal =
        switch (number) {
          case BigDecimal big -> big;
          case BigInteger big -> new BigDecimal(big);
          default -> new BigDecimal(number.toString());
        };
    return decimal.signum() == 0 ? BigDecimal.ZERO : decimal.stripTrailingZeros();
  }

  /** A member of an object. */
  static Expression member(String key, Expression value) {
    return member(Expression.literal(text(key)), value);
  }

  static Expression member(Expression key, Expression value) {
    return Expression.sequence(key, SPACE, Expression.literal(":"), SPACE, value);
  }

  /** What stands between two members or elements. */
  static Expression comma() {
    return Expression.sequence(SPACE, Expression.literal(","), SPACE);
  }

  private static Expression separated(List<Expression> parts) {
    List<Expression> all = new ArrayList<>();
    for (Expression part : parts) {
      if (!all.isEmpty()) {
        all.add(comma());
      }
      all.add(part);
    }
    return new Expression.Sequence(List.copyOf(all));
  }

  /** An object or an array. */
  static Expression enclosed(String open, Expression inside, String close) {
    return Expression.sequence(
        Expression.literal(open), SPACE, inside, SPACE, Expression.literal(close));
  }
}
