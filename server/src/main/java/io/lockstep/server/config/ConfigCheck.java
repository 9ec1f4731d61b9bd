package io.lockstep.server.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds all that is wrong with configuration, where {@link ConfigLoader} stops at the first. Each
 * value is bound on its own against the defaults, so that one mistake does not hide another.
 */
public final class ConfigCheck {

  private final List<String> problems = new ArrayList<>();

  private ConfigCheck() {}

  /**
   * What a check found.
   *
   * @param effective the configuration without the values that are wrong
   * @param problems a text for each, beginning with the file and line or the variable
   */
  public record Report(ServerConfig effective, List<String> problems) {
    public Report {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Checks what {@link ConfigLoader#server} would read.
   *
   * @param file null for the defaults
   * @param environment variables by name
   */
  public static Report server(@Nullable Path file, Map<String, String> environment) {
    ConfigCheck check = new ConfigCheck();
    ObjectNode tree =
        file == null
            ? JsonNodeFactory.instance.objectNode()
            : check.usablePart(file, ServerConfig.DEFAULTS);
    Map<String, String> usable = new TreeMap<>();
    new TreeMap<>(environment)
        .forEach((name, value) -> {
          if (check.accepts(name, () -> ConfigLoader.server(null, Map.of(name, value)))) {
            usable.put(name, value);
          }
        });
    ConfigLoader.applyEnvironment(tree, usable);
    ServerConfig effective = RecordBinder.bind(tree, ServerConfig.DEFAULTS, "the configuration");
    check.accepts("server: api_keys", () -> ApiKeys.read(effective.server().apiKeys()));
    return new Report(effective, check.problems);
  }

  /** What is wrong with a {@code model.yaml}; a text for each problem. */
  public static List<String> model(Path file) {
    ConfigCheck check = new ConfigCheck();
    check.usablePart(file, ModelConfig.DEFAULTS);
    return List.copyOf(check.problems);
  }

  private ObjectNode usablePart(Path file, Record defaults) {
    try {
      ObjectNode tree = ConfigLoader.read(file);
      removeUnusable(tree, defaults.getClass(), "", new Source(file, defaults, KeyLines.of(file)));
      return tree;
    } catch (ConfigException problem) {
      problems.add(
          problem.getCause() instanceof JacksonException cause && cause.getLocation() != null
              ? file + ":" + cause.getLocation().getLineNr() + ": " + cause.getOriginalMessage()
              : String.valueOf(problem.getMessage()));
      return JsonNodeFactory.instance.objectNode();
    }
  }

  /** Leaves of {@code tree} that alone cannot be bound become problems and are taken out. */
  private void removeUnusable(ObjectNode tree, Class<?> type, String path, Source source) {
    for (String key : tree.properties().stream().map(Map.Entry::getKey).toList()) {
      String keyPath = path + "/" + key;
      JsonNode value = tree.path(key);
      if (value instanceof ObjectNode section
          && RecordBinder.keys(type).contains(key)
          && RecordBinder.typeOf(type, key).isRecord()) {
        removeUnusable(section, RecordBinder.typeOf(type, key), keyPath, source);
      } else if (!source.accepts(this, keyPath, value)) {
        tree.remove(key);
      }
    }
  }

  private boolean accepts(String source, Runnable binding) {
    try {
      binding.run();
      return true;
    } catch (ConfigException problem) {
      String message = String.valueOf(problem.getMessage());
      problems.add(message.startsWith(source) ? message : source + ": " + message);
      return false;
    }
  }

  /** A file, the record it fills, and the lines its keys are on. */
  private record Source(Path file, Record defaults, Map<String, Integer> lines) {

    boolean accepts(ConfigCheck check, String keyPath, JsonNode value) {
      String place = file + ":" + lines.getOrDefault(keyPath, 1);
      return check.accepts(place, () -> RecordBinder.bind(alone(keyPath, value), defaults, place));
    }

    /** A tree of nothing but {@code value} and the keys that lead to it. */
    private static JsonNode alone(String keyPath, JsonNode value) {
      JsonNode tree = value;
      String rest = keyPath;
      while (!rest.isEmpty()) {
        int slash = rest.lastIndexOf('/');
        tree = JsonNodeFactory.instance.objectNode().set(rest.substring(slash + 1), tree);
        rest = rest.substring(0, slash);
      }
      return tree;
    }
  }
}
