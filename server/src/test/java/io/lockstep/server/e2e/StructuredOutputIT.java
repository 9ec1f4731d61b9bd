package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts with a structure, over HTTP, from a model that would rather tell stories. */
final class StructuredOutputIT {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Bounded, so that texts end before their tokens do. */
  private static final List<String> SCHEMAS =
      List.of(
          """
          {"type": "object", "additionalProperties": false, "required": ["name", "age"],
           "properties": {"name": {"type": "string", "maxLength": 12},
                          "age": {"type": "integer", "minimum": 1, "maximum": 99},
                          "pets": {"type": "array", "maxItems": 2, "items": {"enum": ["cat", "dog"]}}}}
          """,
          """
          {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "required": ["leaf"],
           "properties": {"leaf": {"type": "boolean"},
                          "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]}}}}}
          """,
          """
          {"type": "array", "minItems": 1, "maxItems": 3,
           "items": {"type": "string", "pattern": "^[a-z]{2,5}(-[0-9]{1,2})?$"}}
          """,
          """
          {"oneOf": [{"type": "object", "required": ["kind", "day"],
                      "properties": {"kind": {"const": "day"}, "day": {"type": "string", "format": "date"}}},
                     {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.001}]}
          """);

  @TempDir static Path folder;

  private static BuiltInServer server;

  @BeforeAll
  static void start() throws IOException {
    Path data = Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"));
    Path model = data.resolve("stories260k/stories260K.gguf");
    assumeTrue(Files.exists(model), "skipped: the test data has no language model");
    Files.copy(model, folder.resolve("stories.gguf"));
    server = BuiltInServer.serving(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aThousandSeededTextsAreValidByTheirSchemas() throws IOException {
    int ended = 0;
    for (int seed = 0; seed < 36; seed++) {
      String schema = SCHEMAS.get(seed % SCHEMAS.size());
      JsonSchema validator =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
      JsonNode answer =
          chat(
              """
              "n": 32, "seed": %d, "max_tokens": 200, "response_format":
                {"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": %s}}
              """
                  .formatted(seed * 100, schema));
      for (JsonNode choice : answer.get("choices")) {
        if (choice.get("finish_reason").asText().equals("stop")) {
          ended++;
          String text = choice.at("/message/content").asText();
          assertEquals(Set.of(), validator.validate(MAPPER.readTree(text)), text);
        }
      }
    }
    assertTrue(ended >= 1000, ended + " of 1152 texts ended");
  }

  @Test
  void argumentsOfToolsFollowTheirSchemas() throws IOException {
    JsonNode answer =
        chat(
            """
            "max_tokens": 200, "tool_choice": "required", "tools": [{"type": "function", "function":
              {"name": "paint", "parameters": {"type": "object", "required": ["colour"], "properties":
                {"colour": {"$ref": "#/$defs/colour"}}, "$defs": {"colour": {"enum": ["red", "blue"]}}}}}]
            """);
    JsonNode call = answer.at("/choices/0/message/tool_calls/0/function");
    assertEquals("paint", call.get("name").asText());
    JsonNode arguments = MAPPER.readTree(call.get("arguments").asText());
    assertTrue(Set.of("red", "blue").contains(arguments.get("colour").asText()), "" + arguments);
  }

  @Test
  void guidedTextsFollowTheirFields() throws IOException {
    assertTrue(guided("\"guided_regex\": \"[ab]{3}-\\\\d\"").matches("[ab]{3}-\\d"));
    assertEquals("[7]", guided("\"guided_json\": {\"const\": [7]}").replace(" ", ""));
    assertEquals("true", guided("\"guided_json\": \"{\\\"const\\\": true}\""));
    assertEquals("no", guided("\"structured_outputs\": {\"regex\": null, \"choice\": [\"no\"]}"));
  }

  private static String guided(String field) throws IOException {
    return chat(field).at("/choices/0/message/content").asText();
  }

  @Test
  void whatCannotBeHeldToIsRefused() {
    assertRefused(
        "\"guided_regex\": \"a(?=b)\"",
        "regular expression, character 3: look-around and flags are not supported");
    assertRefused(
        "\"guided_regex\": \"a\", \"guided_choice\": [\"a\"]",
        "both guided_regex and guided_choice say what the text must look like; only one may");
    assertRefused(
        "\"response_format\": {\"type\": \"json_schema\"}",
        "response_format.json_schema.schema is missing");
    assertRefused(
        "\"response_format\": {\"type\": \"yaml\"}",
        "response_format.type must be text, json_object or json_schema but is 'yaml'");
    assertRefused(
        "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\":"
            + " {\"type\": \"object\", \"not\": {}}}}",
        "the schema has the keyword 'not', which cannot be held to");
    assertRefused(
        "\"tool_choice\": \"required\", \"tools\": [{\"type\": \"function\", \"function\":"
            + " {\"name\": \"f\", \"parameters\": {\"$ref\": \"#/x\"}}}]",
        "the schema has no part for its $ref '#/x', which must begin with #/");
  }

  private static void assertRefused(String fields, String message) {
    HttpResponse<String> answer = server.post("/v1/chat/completions", body(fields));
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(message, BuiltInServer.json(answer.body()).at("/error/message").asText());
  }

  private static JsonNode chat(String fields) throws JsonProcessingException {
    return BuiltInServer.json(server.posted("/v1/chat/completions", body(fields)));
  }

  private static String body(String fields) {
    return "{\"model\": \"stories\", \"messages\": [{\"role\": \"user\", \"content\": \"Once\"}], "
        + fields
        + "}";
  }
}
