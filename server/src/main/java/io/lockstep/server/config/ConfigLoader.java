package io.lockstep.server.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads configuration files. Environment variables come over the server's file: {@code
 * LOCKSTEP_BATCHING_MAX_BATCH_SIZE} is {@code batching.max_batch_size}.
 */
public final class ConfigLoader {

  private static final String PREFIX = "LOCKSTEP_";

  /** Configuration is written by hand; nobody writes a megabyte. */
  private static final long MAX_BYTES = 1 << 20;

  /** Made when there is a file to read: making it takes a good part of a start. */
  private static final class Yaml {

    static final YAMLMapper MAPPER =
        YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();

    /** Has nothing to do: that it is called is what makes the mapper. */
    static void make() {}
  }

  private ConfigLoader() {}

  /** Makes what {@link #model} needs, for a thread that has time before a model is read. */
  public static void prepare() {
    Yaml.make();
  }

  /**
   * The server's configuration.
   *
   * @param file null for the defaults
   * @param environment variables by name
   */
  public static ServerConfig server(@Nullable Path file, Map<String, String> environment) {
    ObjectNode tree = file == null ? JsonNodeFactory.instance.objectNode() : read(file);
    String source = file == null ? "the configuration" : file.getFileName().toString();
    RecordBinder.checkKeys(tree, ServerConfig.class, source);
    applyEnvironment(tree, new TreeMap<>(environment));
    return RecordBinder.bind(tree, ServerConfig.DEFAULTS, source);
  }

  /** The configuration of one model; the defaults when there is no such file. */
  public static ModelConfig model(Path file) {
    if (!Files.exists(file)) {
      return ModelConfig.DEFAULTS;
    }
    return RecordBinder.bind(read(file), ModelConfig.DEFAULTS, "model.yaml");
  }

  static ObjectNode read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(file + " is larger than a configuration file can be");
      }
      JsonNode tree = Yaml.MAPPER.readTree(Files.readString(file));
      if (tree == null || tree.isMissingNode() || tree.isNull()) {
        return JsonNodeFactory.instance.objectNode();
      }
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(file + ": expected keys and values");
    } catch (JacksonException problem) {
      throw new ConfigException(file + " is not YAML: " + problem.getOriginalMessage(), problem);
    } catch (IOException problem) {
      throw new ConfigException("cannot read " + file, problem);
    }
  }

  /** Puts variables whose second word is a section into the tree; others are not ours. */
  static void applyEnvironment(ObjectNode tree, Map<String, String> environment) {
    environment.forEach((name, value) -> {
      if (!name.startsWith(PREFIX)) {
        return;
      }
      String rest = name.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
      for (String section : RecordBinder.keys(ServerConfig.class)) {
        if (rest.startsWith(section + "_")) {
          String key = rest.substring(section.length() + 1);
          Class<?> type = RecordBinder.typeOf(ServerConfig.class, section);
          RecordBinder.checkKey(key, type, name);
          sectionOf(tree, section, name).put(key, value);
        }
      }
    });
  }

  private static ObjectNode sectionOf(ObjectNode tree, String section, String source) {
    if (tree.get(section) instanceof ObjectNode object) {
      return object;
    }
    if (tree.hasNonNull(section)) {
      throw new ConfigException(source + ": " + section + " must hold keys and values");
    }
    return tree.putObject(section);
  }
}
