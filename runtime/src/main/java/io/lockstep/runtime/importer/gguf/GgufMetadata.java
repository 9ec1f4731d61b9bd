package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.error.InvalidModelException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys and values of a GGUF file; a value of another type than asked for is refused. */
public final class GgufMetadata {

  /** Values: Long, Double, Boolean, String, long[], double[], boolean[] or String[]. */
  private final Map<String, Object> values;

  GgufMetadata(Map<String, Object> values) {
    this.values = values;
  }

  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public Optional<String> string(String key) {
    return typed(key, String.class, "a string");
  }

  public Optional<Boolean> flag(String key) {
    return typed(key, Boolean.class, "a flag");
  }

  /** An integer of any width; unsigned 64-bit ones beyond the range of a long are negative. */
  public Optional<Long> integer(String key) {
    return typed(key, Long.class, "an integer");
  }

  /** A number, also when it is stored as an integer. */
  public Optional<Double> number(String key) {
    @Nullable Object value = values.get(key);
    if (value instanceof Long integer) {
      return Optional.of(integer.doubleValue());
    }
    return typed(key, Double.class, "a number");
  }

  public Optional<String[]> strings(String key) {
    return typed(key, String[].class, "a list of strings").map(String[]::clone);
  }

  public Optional<long[]> integers(String key) {
    return typed(key, long[].class, "a list of integers").map(long[]::clone);
  }

  public Optional<double[]> numbers(String key) {
    return typed(key, double[].class, "a list of numbers").map(double[]::clone);
  }

  public Optional<boolean[]> flags(String key) {
    return typed(key, boolean[].class, "a list of flags").map(boolean[]::clone);
  }

  private <T> Optional<T> typed(String key, Class<T> type, String description) {
    @Nullable Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw new InvalidModelException("the metadata '" + key + "' is not " + description);
    }
    return Optional.of(type.cast(value));
  }
}
