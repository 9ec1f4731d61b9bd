package io.lockstep.server.api.openai;

import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.server.api.GenerationFields;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What requests for conversations and for plain continuations have in common. */
final class GenerationBody {

  private static final int MAX_CHOICES = 32;

  final GenerationFields fields = new GenerationFields();
  @Nullable String model;
  int choices = 1;
  boolean isStream;
  boolean includeUsage;

  /** Reads the value of {@code key}, or passes over it when it means nothing here. */
  void read(String key, JsonInput json) throws IOException {
    if (fields.read(key, json)) {
      return;
    }
    if (json.isNull()) {
      return;
    }
    switch (key) {
      case "model" -> model = json.string(key);
      case "n" -> choices = (int) json.integer(key, 1, MAX_CHOICES);
      case "stream" -> isStream = json.bool(key);
      case "stream_options" -> readStreamOptions(json);
      case "response_format" -> readFormat(json);
      default -> json.skip();
    }
  }

  private void readStreamOptions(JsonInput json) throws IOException {
    json.object("stream_options");
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.equals("include_usage") && !json.isNull()) {
        includeUsage = json.bool("stream_options.include_usage");
      } else {
        json.skip();
      }
    }
  }

  private void readFormat(JsonInput json) throws IOException {
    json.object("response_format");
    String type = "text";
    Object schema = null;
    boolean hasSchema = false;
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.equals("type")) {
        type = json.string("response_format.type");
      } else if (key.equals("json_schema")
          && json.value() instanceof Map<?, ?> named
          && named.containsKey("schema")) {
        schema = named.get("schema");
        hasSchema = true;
      } else {
        json.skip();
      }
    }
    switch (type) {
      case "text" -> {}
      case "json_object" -> fields.grammar("response_format", Grammar.jsonObject());
      case "json_schema" -> {
        if (!hasSchema) {
          throw ServingException.invalid("response_format.json_schema.schema is missing")
              .at("response_format.json_schema.schema");
        }
        fields.grammar("response_format", Grammar.jsonSchema(schema));
      }
      default ->
          throw ServingException.invalid(
                  "response_format.type must be text, json_object or json_schema but is '"
                      + JsonInput.shortened(type)
                      + "'")
              .at("response_format.type");
    }
  }

  /** What is told of a refused request: a prompt that is too long came in {@code field}. */
  static ServingException located(ServingException refused, String field) {
    return refused.code() == ErrorCode.CONTEXT_LENGTH_EXCEEDED ? refused.at(field) : refused;
  }

  String requiredModel() {
    if (model == null) {
      throw ServingException.invalid("the request has no model").at("model");
    }
    return model;
  }
}
