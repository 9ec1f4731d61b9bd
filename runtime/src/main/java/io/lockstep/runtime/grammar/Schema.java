package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keywords of a JSON schema (2020-12), read with checks.
 *
 * @param keywords as the schema has them, all of them keywords that are understood
 */
record Schema(Map<String, @Nullable Object> keywords) {

  /** A schema that allows everything. */
  static final Schema ANYTHING = new Schema(Map.of());

  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");

  /** What is held; anything else is either refused or, by the specification, means nothing. */
  private static final Set<String> HELD =
      Set.of(
          "$ref",
          "allOf",
          "anyOf",
          "oneOf",
          "type",
          "enum",
          "const",
          "properties",
          "required",
          "additionalProperties",
          "minProperties",
          "maxProperties",
          "propertyNames",
          "items",
          "prefixItems",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength",
          "pattern",
          "format",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf");

  private static final Set<String> REFUSED =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "dependentSchemas",
          "dependentRequired",
          "dependencies",
          "unevaluatedProperties",
          "unevaluatedItems",
          "contains",
          "minContains",
          "maxContains",
          "uniqueItems",
          "patternProperties",
          "additionalItems",
          "$dynamicRef",
          "$recursiveRef",
          "$anchor",
          "$dynamicAnchor");

  /** Magnitude of exponents that numbers of a schema may have. */
  private static final int MAX_EXPONENT = 1000;

  private static final int MAX_COUNT = 1 << 20;

  /**
   * Checks the keywords of a schema.
   *
   * @param schema an object, or true for anything
   */
  static Schema of(@Nullable Object schema) {
    if (schema instanceof Boolean isAnything && isAnything) {
      return ANYTHING;
    }
    if (!(schema instanceof Map<?, ?> map)) {
      throw new InvalidInputException("a schema must be an object, true or false");
    }
    Map<String, @Nullable Object> keywords = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      String keyword = String.valueOf(key);
      if (HELD.contains(keyword)) {
        keywords.put(keyword, value);
      } else if (REFUSED.contains(keyword) && !isHarmless(map, keyword, value)) {
        throw new InvalidInputException(
            "the schema has the keyword '%s', which cannot be held to".formatted(keyword));
      }
    });
    return new Schema(keywords);
  }

  /** Whether a keyword that is not held to allows everything. */
  private static boolean isHarmless(Map<?, ?> all, String keyword, @Nullable Object value) {
    return switch (keyword) {
      case "uniqueItems" ->
          Boolean.FALSE.equals(value) || (all.get("maxItems") instanceof Integer max && max <= 1);
      case "patternProperties", "dependentRequired", "dependentSchemas", "dependencies" ->
          value instanceof Map<?, ?> map && map.isEmpty();
      case "then", "else" -> !all.containsKey("if");
      case "additionalItems", "unevaluatedItems", "unevaluatedProperties" ->
          Boolean.TRUE.equals(value);
      default -> false;
    };
  }

  boolean has(String keyword) {
    return keywords.containsKey(keyword);
  }

  boolean hasAny(String... some) {
    for (String keyword : some) {
      if (has(keyword)) {
        return true;
      }
    }
    return false;
  }

  @Nullable Object get(String keyword) {
    return keywords.get(keyword);
  }

  /** The same without some keywords. */
  Schema without(String... some) {
    Map<String, @Nullable Object> rest = new LinkedHashMap<>(keywords);
    for (String keyword : some) {
      rest.remove(keyword);
    }
    return new Schema(rest);
  }

  /** What {@code type} says; all types where it says nothing. */
  Set<String> types() {
    if (!has("type")) {
      return TYPES;
    }
    Set<String> types = new LinkedHashSet<>();
    Object type = get("type");
    for (Object one : type instanceof List<?> list ? list : List.of(String.valueOf(type))) {
      if (!(one instanceof String name) || !TYPES.contains(name)) {
        throw new InvalidInputException("the schema has the unknown type '%s'".formatted(one));
      }
      types.add(name);
    }
    return types;
  }

  /** A list of schemas, or of whatever the keyword lists. */
  List<?> list(String keyword) {
    Object value = has(keyword) ? get(keyword) : List.of();
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(keyword, "an array");
  }

  /** The values of {@code enum} or {@code const}. */
  List<@Nullable Object> values() {
    List<@Nullable Object> values = new ArrayList<>();
    if (has("const")) {
      values.add(get("const"));
      values.removeIf(value ->
          has("enum")
              && list("enum").stream().noneMatch(other -> SchemaMerger.isSame(value, other)));
    } else {
      values.addAll(list("enum"));
    }
    return values;
  }

  Map<String, @Nullable Object> properties() {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    Object value = has("properties") ? get("properties") : Map.of();
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong("properties", "an object");
    }
    map.forEach((name, schema) -> properties.put(String.valueOf(name), schema));
    return properties;
  }

  Set<String> required() {
    return strings("required");
  }

  /** The strings of a keyword that is a string or a list of them. */
  Set<String> strings(String keyword) {
    Set<String> strings = new LinkedHashSet<>();
    Object value = has(keyword) ? get(keyword) : List.of();
    for (Object element : value instanceof List<?> list ? list : List.of(String.valueOf(value))) {
      if (!(element instanceof String string)) {
        throw wrong(keyword, "made of strings");
      }
      strings.add(string);
    }
    return strings;
  }

  /** A number of characters, elements or members; {@code absent} where the keyword is missing. */
  int count(String keyword, int absent) {
    BigDecimal value = number(keyword);
    if (value == null) {
      return absent;
    }
    if (value.signum() < 0 || value.scale() > 0) {
      throw wrong(keyword, "a whole number from 0");
    }
    return value.min(BigDecimal.valueOf(MAX_COUNT)).intValue();
  }

  /** A number; null where the keyword is missing. */
  @Nullable BigDecimal number(String keyword) {
    if (!has(keyword)) {
      return null;
    }
    if (!(get(keyword) instanceof Number number)) {
      throw wrong(keyword, "a number");
    }
    BigDecimal value = JsonRules.decimal(number);
    if (Math.abs((long) value.scale()) > MAX_EXPONENT || value.precision() > MAX_EXPONENT) {
      throw wrong(keyword, "a number of ordinary size");
    }
    return value;
  }

  /** Whether a value is of a type. */
  static boolean isOfType(@Nullable Object value, String type) {
    return switch (type) {
      case "object" -> value instanceof Map<?, ?>;
      case "array" -> value instanceof List<?>;
      case "string" -> value instanceof String;
      case "boolean" -> value instanceof Boolean;
      case "null" -> value == null;
      case "number" -> value instanceof Number;
      case "integer" -> value instanceof Number number && JsonRules.decimal(number).scale() <= 0;
      default -> false;
    };
  }

  private static InvalidInputException wrong(String keyword, String expected) {
    return new InvalidInputException("the schema's '%s' is not %s".formatted(keyword, expected));
  }
}
