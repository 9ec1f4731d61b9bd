package io.lockstep.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Where in a YAML file its keys are. */
final class KeyLines {

  private KeyLines() {}

  /** Line numbers, from 1, by path: {@code /batching/max_batch_size}. */
  static Map<String, Integer> of(Path file) {
    Map<String, Integer> lines = new HashMap<>();
    try (JsonParser parser = new YAMLFactory().createParser(Files.readString(file))) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          String path = parser.getParsingContext().pathAsPointer().toString();
          lines.put(path, parser.currentTokenLocation().getLineNr());
        }
      }
      return lines;
    } catch (IOException problem) {
      throw new ConfigException("cannot read " + file, problem);
    }
  }
}
