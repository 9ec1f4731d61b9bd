package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields of a request that say what the generated text must look like; at most one may. */
final class StructureFields {

  private static final int MAX_CHOICES = 1024;

  private static final JsonFactory JSON = new JsonFactory();

  private @Nullable Grammar grammar;
  private @Nullable String field;

  /** Whether {@code key} is one of these fields. */
  static boolean isField(String key) {
    return switch (key) {
      case "grammar",
          "guided_grammar",
          "guided_choice",
          "guided_regex",
          "guided_json",
          "structured_outputs" ->
          true;
      default -> false;
    };
  }

  /** Reads the value of a field. */
  void read(String key, JsonInput json) throws IOException {
    if (key.equals("structured_outputs")) {
      json.object(key);
      for (String kind = json.nextKey(); kind != null; kind = json.nextKey()) {
        if (!json.isNull()) {
          readKind(key + "." + kind, kind, json);
        }
      }
    } else {
      readKind(key, key.replace("guided_", ""), json);
    }
  }

  private void readKind(String name, String kind, JsonInput json) throws IOException {
    switch (kind) {
      case "grammar" -> set(name, Grammar.parse(json.string(name)));
      case "choice" -> set(name, Grammar.choice(choices(name, json)));
      case "regex" -> set(name, Grammar.regex(json.string(name)));
      case "json" -> set(name, Grammar.jsonSchema(schema(json)));
      case "json_object" -> {
        if (json.bool(name)) {
          set(name, Grammar.jsonObject());
        }
      }
      default -> json.skip();
    }
  }

  private static List<String> choices(String name, JsonInput json) throws IOException {
    List<String> choices = new ArrayList<>();
    json.array(name);
    while (json.nextElement()) {
      if (choices.size() == MAX_CHOICES) {
        throw ServingException.invalid(name + " has more than " + MAX_CHOICES + " elements");
      }
      choices.add(json.string("an element of " + name));
    }
    return choices;
  }

  /** A schema as it is, or as the text of JSON. */
  private static @Nullable Object schema(JsonInput json) throws IOException {
    if (!json.isString()) {
      return json.value();
    }
    try (JsonInput text = new JsonInput(JSON.createParser(json.string("a schema")))) {
      text.startObject();
      Object schema = text.value();
      text.end();
      return schema;
    }
  }

  /** What the text must follow, as {@code name} says. */
  void set(String name, Grammar wanted) {
    if (field != null) {
      throw ServingException.invalid(
          "both %s and %s say what the text must look like; only one may".formatted(field, name));
    }
    field = name;
    grammar = wanted;
  }

  /** Sets what comes before all that the fields say. */
  void replace(Grammar wanted) {
    grammar = wanted;
  }

  /** What the text must follow; null for any text. */
  @Nullable Grammar grammar() {
    return grammar;
  }
}
