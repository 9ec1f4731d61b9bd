package io.lockstep.server.registry;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.server.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder that models are served from: {@code <name>/<version>/model.onnx}, {@code model.gguf}
 * or {@code model.safetensors}, with a model.yaml in {@code <name>} if need be, or a bare {@code
 * <name>.onnx} or {@code <name>.gguf} as version 1. Nothing outside the folder is ever read,
 * whatever links it holds.
 */
public final class ModelFolder {

  static final String CONFIG_FILE = "model.yaml";

  /** Names of model files, by the order of preference. */
  private static final List<String> SUFFIXES =
      List.of(".onnx", ".gguf", ".safetensors", ".safetensors.index.json");

  /** Those of models that need no files beside theirs. */
  private static final List<String> BARE_SUFFIXES = List.of(".onnx", ".gguf");

  private static final String MODEL = "model";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  private final Path root;

  /** The folder at {@code path}, which must exist. */
  public ModelFolder(Path path) {
    try {
      this.root = path.toRealPath();
    } catch (IOException problem) {
      throw new ConfigException("there is no model folder " + path);
    }
    if (!Files.isDirectory(root)) {
      throw new ConfigException(path + " is not a folder");
    }
  }

  /** Every model there is, by name. */
  Map<String, ModelEntry> scan() {
    Map<String, ModelEntry> entries = new TreeMap<>();
    for (Path path : list(root)) {
      String file = path.getFileName().toString();
      Optional<String> suffix =
          BARE_SUFFIXES.stream()
              .filter(file::endsWith)
              .filter(_ -> Files.isRegularFile(path))
              .findFirst();
      boolean isBare = suffix.isPresent();
      String name = file.substring(0, file.length() - suffix.orElse("").length());
      if (isBare || Files.isDirectory(path)) {
        find(name).ifPresent(entry -> entries.put(name, entry));
      }
    }
    return entries;
  }

  /** The model of this name; empty when there is none, or its name is not one. */
  Optional<ModelEntry> find(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    Path folder = root.resolve(name);
    Map<Long, Path> files = new HashMap<>();
    Map<Long, String> stamps = new HashMap<>();
    if (isInside(folder) && Files.isDirectory(folder)) {
      for (Path version : list(folder)) {
        String number = version.getFileName().toString();
        Optional<Path> model = modelIn(version, MODEL, SUFFIXES);
        if (VERSION.matcher(number).matches() && model.isPresent()) {
          files.put(Long.valueOf(number), model.get());
          stamps.put(Long.valueOf(number), stampOfAll(version));
        }
      }
      return Optional.of(
          new ModelEntry(name, folder, files, stamps, stamp(folder.resolve(CONFIG_FILE))));
    }
    Optional<Path> bare = modelIn(root, name, BARE_SUFFIXES);
    if (bare.isPresent()) {
      files.put(1L, bare.get());
      stamps.put(1L, stamp(bare.get()));
      return Optional.of(new ModelEntry(name, root, files, stamps, ""));
    }
    return Optional.empty();
  }

  private Optional<Path> modelIn(Path folder, String name, List<String> suffixes) {
    return suffixes.stream()
        .map(suffix -> folder.resolve(name + suffix))
        .filter(file -> isInside(file) && Files.isRegularFile(file))
        .findFirst();
  }

  /**
   * A file beside a version's model, or beside model.yaml; empty when there is none or it lies
   * outside the repository. A bare model has no files beside it: they would belong to all of them.
   */
  Optional<Path> companion(ModelEntry entry, long version, String fileName) {
    Path model = entry.files().get(version);
    if (model == null || entry.folder().equals(root)) {
      return Optional.empty();
    }
    return Stream.of(model.resolveSibling(fileName), entry.folder().resolve(fileName))
        .filter(file -> isInside(file) && Files.isRegularFile(file))
        .findFirst();
  }

  /**
   * Refuses a model of several files when one of those beside it lies outside the repository.
   *
   * @throws InvalidModelException that names the file
   */
  void refuseFilesFromOutside(Path model) {
    for (Path file : list(model.resolveSibling(""))) {
      if (!isInside(file)) {
        throw new InvalidModelException(
            "'" + file.getFileName() + "' beside the model leads out of the model folder");
      }
    }
  }

  /** The model's model.yaml; empty when there is none, and always for a bare model. */
  Optional<Path> config(ModelEntry entry) {
    return Optional.of(entry.folder().resolve(CONFIG_FILE))
        .filter(file -> !entry.folder().equals(root) && isInside(file));
  }

  /** Whether a path leads, after all links, to something in the repository. */
  private boolean isInside(Path path) {
    try {
      return path.toRealPath().startsWith(root);
    } catch (IOException missing) {
      return false;
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException problem) {
      throw new UncheckedIOException("cannot list the model repository", problem);
    }
  }

  private String stampOfAll(Path folder) {
    StringBuilder all = new StringBuilder();
    for (Path file : list(folder)) {
      all.append(file.getFileName()).append(stamp(file)).append(' ');
    }
    return all.toString();
  }

  /** What changes when a file is replaced or written to. */
  private static String stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return ":" + attributes.size() + "@" + attributes.lastModifiedTime().toMillis();
    } catch (IOException missing) {
      return "";
    }
  }
}
