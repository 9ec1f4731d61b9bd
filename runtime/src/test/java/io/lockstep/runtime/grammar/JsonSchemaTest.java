package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.runtime.error.InvalidInputException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonSchemaTest {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(10_000).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final String PERSON =
      """
      {"type": "object", "required": ["name"],
       "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}}}
      """;

  @Test
  void membersComeInTheOrderOfTheSchemaAndOptionalOnesMayBeMissing() {
    assertFollows(PERSON, "{\"name\": \"Ada\"}", "{\"name\":\"A\\u00e9\\\"\",\"age\":18}");
    assertFollows(PERSON, "{ \"name\": \"Ada\", \"age\": 36 }");
    assertBreaks(PERSON, "{\"age\": 36, \"name\": \"Ada\"}", "{\"age\": 36}", "{}");
    assertBreaks(PERSON, "{\"name\": \"Ada\", \"age\": 17}", "{\"name\": \"Ada\",}");
    assertBreaks(PERSON, "{\"name\": \"Ada\", \"job\": 1}", "{\"name\": \"\\ud800\"}");
  }

  @Test
  void undeclaredMembersMayFollowWhereTheSchemaSaysSo() {
    String schema =
        """
        {"type": "object", "properties": {"a": {"type": "null"}},
         "additionalProperties": {"type": "boolean"}}
        """;
    assertFollows(schema, "{}", "{\"b\": true}", "{\"a\": null, \"ab\": true, \"\": false}");
    assertBreaks(schema, "{\"a\": true}", "{\"b\": null}", "{\"b\": true, \"a\": true}");
  }

  @Test
  void numbersKeepWithinTheirBounds() {
    String schema = "{\"type\": \"number\", \"minimum\": -0.5, \"exclusiveMaximum\": 12.25}";
    assertFollows(schema, "0", "-0.5", "-0.49", "9.99", "12", "12.2", "12.249", "12.2400", "1.0");
    assertBreaks(schema, "-0.51", "-1", "12.25", "12.2500", "12.3", "13", "100", "1.", ".5", "01");
    String odd = "{\"type\": \"integer\", \"multipleOf\": 3, \"maximum\": 1000}";
    assertFollows(odd, "0", "999", "-1002", "12");
    assertBreaks(odd, "1000", "1002", "10", "012", "9.0");
  }

  @Test
  void aPatternIsSearchedForAndItsTextEscaped() {
    assertFollows("{\"pattern\": \"b+\"}", "\"abba\"", "\"\\n b \\\" \"");
    assertBreaks("{\"pattern\": \"b+\"}", "\"aa\"", "abba", "5");
    String lines = "{\"type\": \"string\", \"pattern\": \"^[\\\\n\\\"x]*$\", \"maxLength\": 2}";
    assertFollows(lines, "\"\"", "\"\\n\\\"\"", "\"xx\"");
    assertBreaks(lines, "\"xxx\"", "\"\n\"");
  }

  @Test
  void referencesMayBeRecursive() {
    String schema =
        """
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "array", "items": {"$ref": "#"}}}}
        """;
    assertFollows(schema, "[]", "[[], [[]]]");
    assertBreaks(schema, "[1]", "[[]");
  }

  @Test
  void combinationsHoldTogether() {
    String schema =
        """
        {"allOf": [{"properties": {"a": {"minLength": 2}}, "additionalProperties": false},
                   {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}],
         "anyOf": [{"required": ["a"]}, {"maxProperties": 0}]}
        """;
    assertFollows(schema, "{}", "{\"a\": \"xy\"}");
    assertBreaks(schema, "{\"a\": \"x\"}", "{\"a\": \"xy\", \"b\": 1}", "{\"b\": 1}");
    assertFollows("{\"enum\": [1, \"ab\", \"c\"], \"minLength\": 2}", "1", "\"ab\"");
    assertBreaks("{\"enum\": [1, \"ab\", \"c\"], \"minLength\": 2}", "\"c\"");
  }

  @Test
  void aCallOfAFunctionHasItsArguments() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put(
        "weather",
        schema(
            "{\"properties\": {\"city\": {\"$ref\": \"#/$defs/c\"}},"
                + " \"$defs\": {\"c\": {\"enum\": [\"Rom\"]}}}"));
    parameters.put("stop", schema("{\"properties\": {}, \"$defs\": {\"c\": {}}}"));
    Grammar grammar = Grammar.functionCall(parameters);
    assertTrue(grammar.matches("{\"name\": \"weather\", \"arguments\": {\"city\": \"Rom\"}}"));
    assertTrue(grammar.matches("{\"name\": \"stop\", \"arguments\": {}}"));
    assertFalse(grammar.matches("{\"name\": \"stop\", \"arguments\": {\"city\": \"Rom\"}}"));
  }

  @Test
  void saysWhatCannotBeHeldTo() {
    assertRefused("[]", "a schema must be an object, true or false");
    assertRefused("false", "no finite text follows the grammar");
    assertRefused("{\"type\": \"text\"}", "the schema has the unknown type 'text'");
    assertRefused("{\"not\": {}}", "the schema has the keyword 'not', which cannot be held to");
    assertRefused(
        "{\"items\": {\"uniqueItems\": true}}",
        "the schema has the keyword 'uniqueItems', which cannot be held to");
    assertRefused("{\"$ref\": \"#\"}", "the schema's $ref '#' leads back to itself");
    assertRefused(
        "{\"$ref\": \"http://x/y\"}",
        "the schema has no part for its $ref 'http://x/y', which must begin with #/");
    assertRefused(
        "{\"oneOf\": [{\"type\": \"integer\"}, {\"type\": \"number\"}]}",
        "the schema has a 'oneOf' with options that are not known to exclude each other;"
            + " 'anyOf' can be held to");
    assertRefused(
        "{\"pattern\": \"(?=a)\"}",
        "regular expression, character 2: look-around and flags are not supported");
    assertRefused(
        "{\"format\": \"regex\"}", "the schema has the format 'regex', which cannot be held to");
    assertRefused(
        "{\"type\": \"number\", \"multipleOf\": 0.3}",
        "the schema's 'multipleOf' is 0.3, but only whole numbers up to 1000 and 0.1, 0.01 … can"
            + " be held to");
    assertRefused("{\"minLength\": -1}", "the schema's 'minLength' is not a whole number from 0");
    assertRefused(
        "{\"$defs\": {\"a\": {\"type\": \"object\", \"required\": [\"a\"],"
            + " \"properties\": {\"a\": {\"$ref\": \"#/$defs/a\"}}}}, \"$ref\": \"#/$defs/a\"}",
        "no finite text follows the grammar");
  }

  @Test
  void hostileSchemasAreRefusedSoon() {
    StringBuilder doubling = new StringBuilder("{\"$ref\": \"#/$defs/0\", \"$defs\": {");
    for (int i = 0; i < 60; i++) {
      doubling.append(
          "\"%d\": {\"allOf\": [{\"$ref\": \"#/$defs/%d\"}, {\"$ref\": \"#/$defs/%d\"}]},"
              .formatted(i, i + 1, i + 1));
    }
    doubling.append("\"60\": {\"type\": \"null\"}}}");
    List<String> hostile =
        List.of(
            doubling.toString(),
            doubling.toString().replace("allOf", "anyOf"),
            "{\"items\":".repeat(3000) + "{}" + "}".repeat(3000),
            "{\"pattern\": \"((a{1000}){1000}){1000}\"}",
            "{\"pattern\": \"" + "(".repeat(5000) + "\"}",
            "{\"pattern\": \"(x+x+)+y{900}\", \"minLength\": 900, \"maxLength\": 1000000}",
            "{\"type\": \"array\", \"minItems\": 1000000000}",
            "{\"type\": \"number\", \"minimum\": 1e999999999}",
            "{\"type\": \"object\", \"minProperties\": 100000}");
    for (String schema : hostile) {
      InvalidInputException refused =
          assertTimeoutPreemptively(
              Duration.ofSeconds(20),
              () ->
                  assertThrows(
                      InvalidInputException.class,
                      () -> Grammar.jsonSchema(schema(schema)),
                      () -> schema.substring(0, Math.min(80, schema.length()))));
      assertFalse(String.valueOf(refused.getMessage()).contains("\n"));
    }
  }

  private static Object schema(String json) {
    try {
      return MAPPER.readValue(json, Object.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertFollows(String schema, String... texts) {
    Grammar grammar = Grammar.jsonSchema(schema(schema));
    for (String text : texts) {
      assertTrue(grammar.matches(text), text);
    }
  }

  private static void assertBreaks(String schema, String... texts) {
    Grammar grammar = Grammar.jsonSchema(schema(schema));
    for (String text : texts) {
      assertFalse(grammar.matches(text), text);
    }
  }

  private static void assertRefused(String schema, String message) {
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> Grammar.jsonSchema(schema(schema)), schema);
    assertEquals(message, refused.getMessage());
  }
}
