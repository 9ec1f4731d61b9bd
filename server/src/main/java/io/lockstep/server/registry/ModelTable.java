package io.lockstep.server.registry;

import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The versions of all models. Safe for any number of threads; readers see each model's versions as
 * they were at one moment.
 */
final class ModelTable<S extends Served> {

  private final ConcurrentHashMap<String, SortedMap<Long, ModelVersion<S>>> models =
      new ConcurrentHashMap<>();

  /** Model names in order. */
  Set<String> names() {
    return new TreeSet<>(models.keySet());
  }

  /** The versions of a model by number; empty when there is no such model. */
  SortedMap<Long, ModelVersion<S>> versions(String model) {
    return models.getOrDefault(model, Collections.emptySortedMap());
  }

  /** All versions, by name, then by number. */
  List<ModelVersion<S>> all() {
    return names().stream().flatMap(name -> versions(name).values().stream()).toList();
  }

  @Nullable ModelVersion<S> get(String model, long version) {
    return versions(model).get(version);
  }

  /** Puts a version in the place of whatever had its number. */
  void put(ModelVersion<S> version) {
    models.compute(
        version.name(),
        (_, versions) -> {
          NavigableMap<Long, ModelVersion<S>> changed =
              versions == null ? new TreeMap<>() : new TreeMap<>(versions);
          changed.put(version.number(), version);
          return Collections.unmodifiableNavigableMap(changed);
        });
  }

  /** Takes a version out, unless something else has its place by now. */
  @SuppressWarnings("ReferenceEquality") // that very state of the version is meant
  void remove(ModelVersion<S> version) {
    models.computeIfPresent(
        version.name(),
        (_, versions) -> {
          if (versions.get(version.number()) != version) {
            return versions;
          }
          NavigableMap<Long, ModelVersion<S>> changed = new TreeMap<>(versions);
          changed.remove(version.number());
          return changed.isEmpty() ? null : Collections.unmodifiableNavigableMap(changed);
        });
  }
}
