package io.lockstep.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Fills a record from a tree of keys and values: a component is the key of its name in snake case,
 * a component the tree lacks keeps the value of the defaults, and a key that is no component is
 * refused with the nearest one named. Scalars arrive as text or as YAML's own types and are read
 * from their text in both cases.
 */
final class RecordBinder {

  private RecordBinder() {}

  static <T extends Record> T bind(JsonNode tree, T defaults, String path) {
    @SuppressWarnings("unchecked") // the class of a T, which is final because it is a record
    Class<T> type = (Class<T>) defaults.getClass();
    return bind(tree, type, defaults, path);
  }

  /** A record from a list; what the tree lacks is null, which the record may refuse. */
  private static <T extends Record> T bind(
      JsonNode tree, Class<T> type, @Nullable T defaults, String path) {
    checkKeys(tree, type, path);
    if (tree.isEmpty() && defaults != null) {
      return defaults;
    }
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = snakeCase(components[i].getName());
      Object standard = defaults == null ? null : invoke(components[i], defaults);
      JsonNode node = tree.get(key);
      values[i] =
          node == null || node.isNull()
              ? standard
              : value(node, components[i].getGenericType(), standard, path + ": " + key);
    }
    return construct(type, components, values, path);
  }

  /** Refuses keys that {@code type} has no component for. */
  static void checkKeys(JsonNode tree, Class<?> type, String path) {
    if (!tree.isObject()) {
      throw new ConfigException(path + ": expected keys and values but found " + tree);
    }
    for (Iterator<String> names = tree.fieldNames(); names.hasNext(); ) {
      checkKey(names.next(), type, path);
    }
  }

  static void checkKey(String key, Class<?> type, String path) {
    List<String> known = keys(type);
    if (!known.contains(key)) {
      String nearest =
          known.stream().min(Comparator.comparingInt(k -> distance(k, key))).orElseThrow();
      throw new ConfigException(
          path
              + ": unknown key '"
              + key
              + "', did you mean '"
              + nearest
              + "'? Known: "
              + String.join(", ", known));
    }
  }

  static List<String> keys(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(c -> snakeCase(c.getName())).toList();
  }

  static Class<?> typeOf(Class<?> type, String key) {
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> snakeCase(component.getName()).equals(key))
        .findFirst()
        .orElseThrow()
        .getType();
  }

  private static Object value(JsonNode node, Type type, @Nullable Object standard, String path) {
    if (standard instanceof Record nested && node.isObject()) {
      return bind(node, nested, path);
    }
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      Class<?> element = (Class<?>) list.getActualTypeArguments()[0];
      List<Object> elements = new ArrayList<>();
      (node.isArray() ? node : List.of(node))
          .forEach(child ->
              elements.add(
                  element.isRecord()
                      ? bind(child, element.asSubclass(Record.class), null, path)
                      : scalar(child.asText(), element, path)));
      return elements;
    }
    if (node.isArray() && type == VersionPolicy.class) {
      List<String> versions = new ArrayList<>();
      node.forEach(child -> versions.add(child.asText()));
      return scalar(String.join(",", versions), VersionPolicy.class, path);
    }
    if (node.isContainerNode()) {
      throw new ConfigException(path + " takes a single value but found " + node);
    }
    return scalar(node.asText(), (Class<?>) type, path);
  }

  private static Object scalar(String text, Class<?> type, String path) {
    try {
      if (type == String.class) {
        return text;
      } else if (type == int.class || type == Integer.class) {
        return Integer.valueOf(text);
      } else if (type == double.class) {
        return Double.valueOf(text);
      } else if (type == boolean.class || type == Boolean.class) {
        return parseBoolean(text);
      } else if (type == Duration.class) {
        return Durations.parse(text);
      } else if (type == ByteSize.class) {
        return ByteSize.parse(text);
      } else if (type == VersionPolicy.class) {
        return VersionPolicy.parse(text);
      } else if (type.isEnum()) {
        return constant(text, type);
      }
    } catch (NumberFormatException problem) {
      throw new ConfigException(
          path
              + ": expected a "
              + (type == double.class ? "number" : "whole number")
              + " but found '"
              + text
              + "'",
          problem);
    } catch (IllegalArgumentException | ArithmeticException problem) {
      throw new ConfigException(path + ": " + problem.getMessage(), problem);
    }
    throw new ConfigException(path + ": expected keys and values but found '" + text + "'");
  }

  private static Boolean parseBoolean(String text) {
    return switch (text) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default ->
          throw new IllegalArgumentException("expected true or false but found '" + text + "'");
    };
  }

  private static Object constant(String text, Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw new IllegalArgumentException(
        "expected one of " + String.join(", ", names) + " but found '" + text + "'");
  }

  static @Nullable Object invoke(RecordComponent component, Record instance) {
    try {
      return component.getAccessor().invoke(instance);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("accessors of configuration are public", impossible);
    }
  }

  private static <T> T construct(
      Class<T> type, RecordComponent[] components, @Nullable Object[] values, String path) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException problem) {
      Throwable cause = problem.getCause() == null ? problem : problem.getCause();
      throw new ConfigException(path + ": " + cause.getMessage(), problem);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("constructors of configuration are public", impossible);
    }
  }

  /** {@code maxBatchSize} to {@code max_batch_size}. */
  static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** Insertions, deletions and replacements between two words (Levenshtein). */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(previous[j], row[j - 1]));
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
