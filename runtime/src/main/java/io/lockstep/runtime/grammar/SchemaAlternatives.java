package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Schemas without references and combinations: one for each way to be valid. */
final class SchemaAlternatives {

  private static final int MAX_ALTERNATIVES = 256;

  /** Steps beyond which a document combines too much; ordinary ones take a few hundred. */
  private static final int MAX_STEPS = 50_000;

  /** Values in a part of the document; combinations may repeat parts. */
  private static final int MAX_VALUES = 50_000;

  private final @Nullable Object document;
  private final Set<String> open = new LinkedHashSet<>(); // references being followed
  private final SchemaExclusion exclusion = new SchemaExclusion(this);
  private int steps;

  SchemaAlternatives(@Nullable Object document) {
    this.document = document;
  }

  /** The ways to be valid by a schema of the document; none if there is no way. */
  List<Schema> of(@Nullable Object schema) {
    count(1);
    if (schema instanceof Boolean isAnything && !isAnything) {
      return List.of();
    }
    if (values(schema, MAX_VALUES) == 0) {
      throw tooMuch();
    }
    Schema all = Schema.of(schema);
    List<Schema> ways = List.of(all.without("$ref", "allOf", "anyOf", "oneOf"));
    if (all.has("$ref")) {
      ways = both(ways, referred(String.valueOf(all.get("$ref"))));
    }
    for (Object part : all.list("allOf")) {
      ways = both(ways, of(part));
    }
    if (all.has("anyOf")) {
      List<Schema> options = new ArrayList<>();
      for (Object option : all.list("anyOf")) {
        options.addAll(of(option));
        limit(options);
      }
      ways = both(ways, options);
    }
    if (all.has("oneOf")) {
      ways = exactlyOne(ways, all.list("oneOf"));
    }
    return ways;
  }

  private List<Schema> exactlyOne(List<Schema> base, List<?> schemas) {
    List<Schema> ways = new ArrayList<>();
    for (Object schema : schemas) {
      List<Schema> option = both(base, of(schema));
      for (Schema one : option) {
        for (Schema other : ways) {
          count(1);
          if (!exclusion.excludes(one, other) || !exclusion.excludes(other, one)) {
            throw new InvalidInputException(
                "the schema has a 'oneOf' with options that are not known to exclude each other;"
                    + " 'anyOf' can be held to");
          }
        }
      }
      ways.addAll(option);
      limit(ways);
    }
    return ways;
  }

  private List<Schema> both(List<Schema> first, List<Schema> second) {
    List<Schema> merged = new ArrayList<>();
    for (Schema one : first) {
      for (Schema other : second) {
        count(1);
        merged.add(SchemaMerger.merge(one, other));
        limit(merged);
      }
    }
    return merged;
  }

  private List<Schema> referred(String reference) {
    if (!open.add(reference)) {
      throw new InvalidInputException(
          "the schema's $ref '%s' leads back to itself".formatted(reference));
    }
    List<Schema> ways = of(resolve(reference));
    open.remove(reference);
    return ways;
  }

  /** Follows a JSON pointer (RFC 6901) from the document's root. */
  private @Nullable Object resolve(String reference) {
    Object at = document;
    String[] names = reference.split("/", -1);
    if (!names[0].equals("#")) {
      throw unknown(reference);
    }
    for (int i = 1; i < names.length; i++) {
      String name = names[i].replace("~1", "/").replace("~0", "~");
      if (name.contains("%")) {
        name = decoded(name);
      }
      if (at instanceof Map<?, ?> map && map.containsKey(name)) {
        at = map.get(name);
      } else if (at instanceof List<?> list
          && name.matches("[0-9]{1,6}")
          && Integer.parseInt(name) < list.size()) {
        at = list.get(Integer.parseInt(name));
      } else {
        throw unknown(reference);
      }
    }
    return at;
  }

  /** A name as URIs have it; one with malformed escapes stays as it is, and is not found. */
  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return name;
    }
  }

  private static InvalidInputException unknown(String reference) {
    return new InvalidInputException(
        "the schema has no part for its $ref '%s', which must begin with #/".formatted(reference));
  }

  private static void limit(List<Schema> ways) {
    if (ways.size() > MAX_ALTERNATIVES) {
      throw tooMuch();
    }
  }

  private void count(int more) {
    steps += more;
    if (steps > MAX_STEPS) {
      throw tooMuch();
    }
  }

  private static InvalidInputException tooMuch() {
    return new InvalidInputException("the schema is too large, or combines too many parts");
  }

  /** What is left of {@code budget} after all values in a value; at least 0. */
  private static int values(@Nullable Object value, int budget) {
    int left = budget - 1;
    if (value instanceof Map<?, ?> map) {
      for (Object member : map.values()) {
        left = left <= 0 ? 0 : values(member, left);
      }
    } else if (value instanceof List<?> list) {
      for (Object element : list) {
        left = left <= 0 ? 0 : values(element, left);
      }
    }
    return Math.max(left, 0);
  }
}
