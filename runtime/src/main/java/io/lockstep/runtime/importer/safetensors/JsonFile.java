package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.runtime.error.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** JSON objects of model files, of bounded size and depth. */
final class JsonFile {

  /** Headers of the largest models have a few megabytes. */
  static final int MAX_BYTES = 64 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(32).build())
                  .build())
          .build();

  private JsonFile() {}

  /** The object in a file. */
  static JsonNode read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new InvalidModelException(file.getFileName() + " is too large");
      }
      return parse(Files.readAllBytes(file), String.valueOf(file.getFileName()));
    } catch (IOException e) {
      throw new InvalidModelException("cannot read " + file.getFileName(), e);
    }
  }

  /** The object in a file, if there is one. */
  static Optional<JsonNode> readIfPresent(Path file) {
    return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** An object. */
  static JsonNode parse(byte[] json, String what) {
    try {
      JsonNode node = MAPPER.readTree(json);
      if (!node.isObject()) {
        throw new InvalidModelException(what + " is no JSON object");
      }
      return node;
    } catch (IOException e) {
      throw new InvalidModelException(what + " is no valid JSON", e);
    }
  }
}
