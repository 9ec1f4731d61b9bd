package io.lockstep.server.api.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;

/** The description of all routes: kept as YAML, which people read, and served as JSON. */
final class OpenApiDocument {

  private static final StaticFile SOURCE =
      new StaticFile("/openapi.json", "/openapi.yaml", "application/json");

  private OpenApiDocument() {}

  /** The document in JSON, for a server of this version. */
  static byte[] json(String version) throws IOException {
    JsonNode document = new YAMLMapper().readTree(SOURCE.read());
    ((ObjectNode) document.get("info")).put("version", version);
    return new ObjectMapper().writeValueAsBytes(document);
  }
}
