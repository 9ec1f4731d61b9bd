package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Arc;
import io.lockstep.runtime.grammar.JsonNumbers.Bound;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From a JSON schema to an expression whose texts are valid by it. Not all valid texts are: members
 * come in the order in which the schema has them, and where it is silent on others there are none.
 */
final class SchemaCompiler {

  private static final int MAX_DEPTH = 100;

  /** Longest string with a limit and longest array, since each length is a state. */
  private static final int MAX_STRING = 8192;

  private static final int MAX_STRING_WITH_PATTERN = 256;
  private static final int MAX_ARRAY = 2048;
  private static final int MAX_DIVISOR = 1000;
  private static final int FRACTION_DIGITS = 16;

  /** Keywords by the type that they constrain. */
  private static final Map<String, String[]> KEYWORDS =
      Map.of(
          "object", SchemaObjects.KEYWORDS,
          "array", new String[] {"items", "prefixItems", "minItems", "maxItems"},
          "string", new String[] {"pattern", "format", "minLength", "maxLength"},
          "number",
              new String[] {
                "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"
              });

  /** A schema of this document: the same words may mean another thing in another document. */
  private record Part(SchemaCompiler document, Schema schema) {}

  private final JsonRules rules;
  private final SchemaAlternatives alternatives;
  private int depth;

  SchemaCompiler(JsonRules rules, @Nullable Object document) {
    this.rules = rules;
    alternatives = new SchemaAlternatives(document);
  }

  /** The texts of a schema of the document. */
  Expression expression(@Nullable Object schema) {
    return new Expression.Choice(
        alternatives.of(schema).stream()
            .map(one -> rules.named(new Part(this, one), "part", () -> build(one)))
            .toList());
  }

  private Expression build(Schema schema) {
    if (++depth > MAX_DEPTH) {
      throw new InvalidInputException("the schema is nested too deeply");
    }
    Expression all =
        schema.hasAny("enum", "const")
            ? values(schema)
            : new Expression.Choice(
                generatedTypes(schema).stream().map(type -> ofType(type, schema)).toList());
    depth--;
    return all;
  }

  /** The types that texts have; where the schema names none, those that its keywords are about. */
  static Set<String> generatedTypes(Schema schema) {
    if (schema.has("type")) {
      return schema.types();
    }
    Set<String> types = new LinkedHashSet<>();
    KEYWORDS.forEach((type, keywords) -> {
      if (schema.hasAny(keywords)) {
        types.add(type);
      }
    });
    return types.isEmpty() ? schema.types() : types;
  }

  private static boolean constrains(Schema schema, String type) {
    return schema.hasAny(
        KEYWORDS.getOrDefault(type.equals("integer") ? "number" : type, new String[0]));
  }

  private Expression ofType(String type, Schema schema) {
    if (type.equals("boolean")) {
      return Expression.choice(Expression.literal("true"), Expression.literal("false"));
    }
    if (type.equals("null")) {
      return Expression.literal("null");
    }
    if (!constrains(schema, type)) {
      return new Expression.Reference(type);
    }
    return switch (type) {
      case "object" -> new SchemaObjects(this, rules, schema).expression();
      case "array" -> array(schema);
      case "string" -> string(schema);
      default -> number(schema, type.equals("integer"));
    };
  }

  /** The values of an enumeration that the other keywords allow. */
  private Expression values(Schema schema) {
    List<Expression> options = new ArrayList<>();
    for (Object value : schema.values()) {
      Set<String> types = new LinkedHashSet<>(schema.types());
      types.removeIf(type -> !Schema.isOfType(value, type));
      for (String type : types) {
        if (!constrains(schema, type)) {
          options.add(JsonRules.literal(value));
          break;
        }
        if (value instanceof Map<?, ?> || value instanceof List<?>) {
          throw new InvalidInputException(
              "the schema limits an enumeration of objects or arrays, which is not supported");
        }
        String text = JsonRules.text(value);
        if (new Grammar(rules.withRoot(ofType(type, schema))).matches(text)) {
          options.add(Expression.literal(text));
          break;
        }
      }
    }
    return new Expression.Choice(options);
  }

  private Expression array(Schema schema) {
    boolean isTuple = schema.get("items") instanceof List<?>; // so before 2020
    List<?> prefix = schema.list(isTuple ? "items" : "prefixItems");
    int min = schema.count("minItems", 0);
    int max = schema.count("maxItems", Expression.UNBOUNDED);
    Expression rest = JsonRules.ANY;
    if (!isTuple && schema.has("items")) {
      rest = expression(schema.get("items"));
    } else if (!prefix.isEmpty() && min <= prefix.size()) {
      rest = Expression.NOTHING;
    }
    boolean isBounded = max != Expression.UNBOUNDED;
    int states = isBounded ? Math.min(max, MAX_ARRAY) : Math.max(Math.max(min, prefix.size()), 1);
    if (min > MAX_ARRAY || prefix.size() > MAX_ARRAY) {
      throw new InvalidInputException("the schema asks for more than " + MAX_ARRAY + " elements");
    }
    int end = states + 1;
    List<List<Arc>> arcs = new ArrayList<>();
    for (int count = 0; count <= states; count++) {
      List<Arc> leaving = new ArrayList<>();
      if (count >= min) {
        leaving.add(new Arc(Expression.EMPTY, end));
      }
      if (count < states || !isBounded) {
        Expression element = count < prefix.size() ? expression(prefix.get(count)) : rest;
        Expression before = count == 0 ? Expression.EMPTY : JsonRules.comma();
        leaving.add(new Arc(Expression.sequence(before, element), Math.min(count + 1, states)));
      }
      arcs.add(leaving);
    }
    arcs.add(List.of());
    return JsonRules.enclosed("[", new Expression.Automaton(arcs, end), "]");
  }

  private Expression string(Schema schema) {
    if (schema.hasAny("pattern", "format")) {
      return rules.string(content(schema));
    }
    int min = schema.count("minLength", 0);
    int max = schema.count("maxLength", Expression.UNBOUNDED);
    if (min > MAX_STRING) {
      throw new InvalidInputException(
          "the schema asks for more than " + MAX_STRING + " characters");
    }
    return JsonRules.string(min, max == Expression.UNBOUNDED ? max : Math.min(max, MAX_STRING));
  }

  /** The contents of the strings of a schema, without the quotes and escapes of JSON. */
  Expression contents(@Nullable Object schema) {
    List<Expression> options = new ArrayList<>();
    for (Schema one : alternatives.of(schema)) {
      if (one.hasAny("enum", "const")) {
        for (Object value : one.values()) {
          if (value instanceof String text) {
            options.add(Expression.literal(text));
          }
        }
      } else if (one.types().contains("string")) {
        options.add(content(one));
      }
    }
    return new Expression.Choice(options);
  }

  private static Expression content(Schema schema) {
    Expression raw = null;
    for (String pattern : schema.strings("pattern")) {
      raw = both(raw, RegexParser.containing(pattern));
    }
    for (String format : schema.strings("format")) {
      Expression expression = SchemaFormats.of(format);
      raw = expression == null ? raw : both(raw, expression);
    }
    Expression any = new Expression.Characters(CodePoints.ALL);
    int min = schema.count("minLength", 0);
    int max = schema.count("maxLength", Expression.UNBOUNDED);
    if (raw == null || min > 0 || max != Expression.UNBOUNDED) {
      int limit =
          max == Expression.UNBOUNDED ? max : Math.min(max, Math.max(min, MAX_STRING_WITH_PATTERN));
      raw = both(raw, new Expression.Repeat(any, min, limit));
    }
    return raw;
  }

  private static Expression both(@Nullable Expression one, Expression other) {
    return one == null ? other : Intersection.of(one, other);
  }

  private Expression number(Schema schema, boolean isInteger) {
    BigDecimal step = schema.number("multipleOf");
    int divisor = 1;
    int digits = isInteger ? 0 : FRACTION_DIGITS;
    if (step != null) {
      boolean isPowerOfTen = step.unscaledValue().equals(BigInteger.ONE);
      if (isPowerOfTen && step.scale() >= 0 && step.scale() <= FRACTION_DIGITS) {
        digits = Math.min(digits, step.scale());
      } else if (step.signum() > 0
          && step.scale() <= 0
          && step.compareTo(BigDecimal.valueOf(MAX_DIVISOR)) <= 0) {
        divisor = step.intValue();
        digits = 0;
      } else {
        throw new InvalidInputException(
            "the schema's 'multipleOf' is %s, but only whole numbers up to %d and 0.1, 0.01 … can be held to"
                .formatted(step, MAX_DIVISOR));
      }
    }
    Bound low = tighter(schema.number("minimum"), schema.number("exclusiveMinimum"), true);
    Bound high = tighter(schema.number("maximum"), schema.number("exclusiveMaximum"), false);
    Expression numbers = new JsonNumbers(low, high, divisor, digits).expression();
    return rules.named(numbers, "number", () -> numbers);
  }

  /** The one of two lower, or upper, bounds that allows less. */
  private static @Nullable Bound tighter(
      @Nullable BigDecimal inclusive, @Nullable BigDecimal exclusive, boolean isLower) {
    if (exclusive == null) {
      return inclusive == null ? null : new Bound(inclusive, false);
    }
    if (inclusive != null) {
      int order = exclusive.compareTo(inclusive);
      if (isLower ? order < 0 : order > 0) {
        return new Bound(inclusive, false);
      }
    }
    return new Bound(exclusive, true);
  }
}
