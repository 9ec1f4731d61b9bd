package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes one schema of two that both hold; neither has references or alternatives. */
final class SchemaMerger {

  private final Schema first;
  private final Schema second;
  private final Map<String, @Nullable Object> merged = new LinkedHashMap<>();

  private SchemaMerger(Schema first, Schema second) {
    this.first = first;
    this.second = second;
  }

  static Schema merge(Schema first, Schema second) {
    if (first.keywords().isEmpty()) {
      return second;
    }
    if (second.keywords().isEmpty()) {
      return first;
    }
    return new SchemaMerger(first, second).merge();
  }

  private Schema merge() {
    Set<String> keywords = new LinkedHashSet<>(first.keywords().keySet());
    keywords.addAll(second.keywords().keySet());
    for (String keyword : keywords) {
      if (!keyword.equals("const") && !keyword.equals("enum")) {
        merged.put(keyword, value(keyword));
      }
    }
    boolean hasValues = first.hasAny("const", "enum") || second.hasAny("const", "enum");
    if (hasValues) {
      merged.put("enum", commonValues());
    }
    return new Schema(merged);
  }

  private @Nullable Object value(String keyword) {
    if (keyword.equals("properties")) {
      return properties();
    }
    if (!first.has(keyword)) {
      return second.get(keyword);
    }
    if (!second.has(keyword) || Objects.equals(first.get(keyword), second.get(keyword))) {
      return first.get(keyword);
    }
    return switch (keyword) {
      case "type" -> types();
      case "required", "pattern", "format" -> {
        Set<String> all = new LinkedHashSet<>(first.strings(keyword));
        all.addAll(second.strings(keyword));
        yield List.copyOf(all);
      }
      case "additionalProperties", "items", "propertyNames" ->
          both(first.get(keyword), second.get(keyword));
      case "minProperties", "minItems", "minLength", "minimum", "exclusiveMinimum" ->
          number(first, keyword).max(number(second, keyword));
      case "maxProperties", "maxItems", "maxLength", "maximum", "exclusiveMaximum" ->
          number(first, keyword).min(number(second, keyword));
      default ->
          throw new InvalidInputException(
              "the schema asks for two different '%s' at once, which is not supported"
                  .formatted(keyword));
    };
  }

  private static BigDecimal number(Schema schema, String keyword) {
    return Objects.requireNonNullElse(schema.number(keyword), BigDecimal.ZERO);
  }

  private List<String> types() {
    Set<String> types = new LinkedHashSet<>();
    for (String type : first.types()) {
      for (String other : second.types()) {
        if (type.equals(other) || (type.equals("integer") && other.equals("number"))) {
          types.add(type);
        } else if (type.equals("number") && other.equals("integer")) {
          types.add(other);
        }
      }
    }
    return List.copyOf(types);
  }

  /** A schema that holds both: left as they are until somebody needs them. */
  private static Object both(@Nullable Object one, @Nullable Object other) {
    List<@Nullable Object> parts = new ArrayList<>();
    parts.add(one);
    parts.add(other);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("allOf", parts);
    return all;
  }

  /** Properties of either; what the other says of its additional ones holds for them, too. */
  private Map<String, @Nullable Object> properties() {
    Map<String, @Nullable Object> mine = first.properties();
    Map<String, @Nullable Object> theirs = second.properties();
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    mine.forEach((name, schema) -> {
      if (theirs.containsKey(name)) {
        Object other = theirs.get(name);
        all.put(name, Objects.equals(schema, other) ? schema : both(schema, other));
      } else {
        all.put(name, withAdditional(schema, second));
      }
    });
    theirs.forEach((name, schema) -> {
      if (!mine.containsKey(name)) {
        all.put(name, withAdditional(schema, first));
      }
    });
    return all;
  }

  private static @Nullable Object withAdditional(@Nullable Object schema, Schema other) {
    return other.has("additionalProperties")
        ? both(schema, other.get("additionalProperties"))
        : schema;
  }

  private List<@Nullable Object> commonValues() {
    boolean firstHas = first.hasAny("const", "enum");
    boolean secondHas = second.hasAny("const", "enum");
    List<@Nullable Object> values = new ArrayList<>();
    for (Object value : firstHas ? first.values() : second.values()) {
      boolean isCommon =
          !firstHas
              || !secondHas
              || second.values().stream().anyMatch(other -> isSame(value, other));
      if (isCommon) {
        values.add(value);
      }
    }
    return values;
  }

  /** Whether two values are the same JSON, numbers by their value. */
  static boolean isSame(@Nullable Object one, @Nullable Object other) {
    if (one instanceof Number a && other instanceof Number b) {
      return JsonRules.decimal(a).compareTo(JsonRules.decimal(b)) == 0;
    }
    if (one instanceof List<?> a && other instanceof List<?> b) {
      boolean isSame = a.size() == b.size();
      for (int i = 0; isSame && i < a.size(); i++) {
        isSame = isSame(a.get(i), b.get(i));
      }
      return isSame;
    }
    if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
      return a.keySet().equals(b.keySet())
          && a.keySet().stream().allMatch(key -> isSame(a.get(key), b.get(key)));
    }
    return Objects.equals(one, other);
  }
}
