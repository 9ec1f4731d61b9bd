package io.lockstep.loadtest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lockstep.loadtest.search.BatchSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A model of a repository, copied into a repository of its own with other batch settings. */
final class TunedModel {

  private static final String SETTINGS = "model.yaml";

  private TunedModel() {}

  /**
   * Copies {@code repository/model}. Files are linked where the file system can, since a model may
   * be large.
   */
  static void write(Path repository, String model, BatchSettings settings, Path target)
      throws IOException {
    Path from = repository.resolve(model);
    if (!Files.isDirectory(from)) {
      throw new IOException(from + ": expected a folder with the versions of a model");
    }
    Path to = Files.createDirectories(target.resolve(model));
    List<Path> files;
    try (Stream<Path> all = Files.walk(from)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path copy = to.resolve(from.relativize(file).toString());
      Files.createDirectories(copy.getParent());
      if (!file.getFileName().toString().equals(SETTINGS)) {
        linkOrCopy(file, copy);
      }
    }
    Files.writeString(to.resolve(SETTINGS), yaml(from.resolve(SETTINGS), settings));
  }

  /** What a {@code model.yaml} says, with these settings in it. */
  private static String yaml(Path file, BatchSettings settings) throws IOException {
    YAMLMapper mapper = new YAMLMapper();
    JsonNode present = Files.exists(file) ? mapper.readTree(Files.readString(file)) : null;
    ObjectNode all = present instanceof ObjectNode object ? object : mapper.createObjectNode();
    all.withObjectProperty("batching")
        .put("max_batch_size", settings.maxBatchSize())
        .put("max_queue_delay", settings.delayText());
    return mapper.writeValueAsString(all);
  }

  private static void linkOrCopy(Path file, Path copy) throws IOException {
    try {
      Files.createLink(copy, file.toRealPath());
    } catch (IOException | UnsupportedOperationException otherFileSystem) {
      Files.copy(file, copy);
    }
  }
}
