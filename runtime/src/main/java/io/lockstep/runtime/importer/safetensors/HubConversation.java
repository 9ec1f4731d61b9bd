package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.importer.ImportedDecoder.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What the files beside safetensors say about templates and the ends of texts:
 * tokenizer_config.json, generation_config.json, chat_template.jinja.
 */
final class HubConversation {

  /** Templates have a few kilobytes. */
  private static final long MAX_TEMPLATE = 1 << 20;

  private final Path model;
  private final JsonNode config;
  private final Optional<JsonNode> texts;

  private HubConversation(Path model, JsonNode config) {
    this.model = model;
    this.config = config;
    texts = JsonFile.readIfPresent(model.resolveSibling("tokenizer_config.json"));
  }

  static Conversation read(Path model, JsonNode config) {
    HubConversation reader = new HubConversation(model, config);
    return new Conversation(
        reader.template(), reader.token("bos_token"), reader.token("eos_token"), reader.ends());
  }

  /** A file of its own, or a text, or a list of texts by name. */
  private Optional<String> template() {
    Path file = model.resolveSibling("chat_template.jinja");
    if (Files.isRegularFile(file)) {
      try {
        if (Files.size(file) > MAX_TEMPLATE) {
          throw new InvalidModelException(file.getFileName() + " is too large");
        }
        return Optional.of(Files.readString(file));
      } catch (IOException e) {
        throw new InvalidModelException("cannot read " + file.getFileName(), e);
      }
    }
    JsonNode template = texts.map(json -> json.path("chat_template")).orElse(config.path(""));
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        template = named.path("template");
      }
    }
    return template.isTextual() ? Optional.of(template.asText()) : Optional.empty();
  }

  /** A token, which stands there as a text or as an object with its content. */
  private Optional<String> token(String key) {
    JsonNode token = texts.map(json -> json.path(key)).orElse(config.path(""));
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
  }

  /** The ids that both configurations name, and that of the tokenizer's own end token. */
  private List<Integer> ends() {
    TreeSet<Integer> ends = new TreeSet<>();
    Optional<JsonNode> generation =
        JsonFile.readIfPresent(model.resolveSibling("generation_config.json"));
    for (JsonNode source : List.of(generation.orElse(config), config)) {
      JsonNode ids = source.path("eos_token_id");
      for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
        if (id.canConvertToInt() && id.isIntegralNumber()) {
          ends.add(id.asInt());
        }
      }
    }
    Optional<String> end = token("eos_token");
    if (end.isPresent()) {
      JsonNode added = texts.orElseThrow().path("added_tokens_decoder");
      added
          .properties()
          .forEach(token -> {
            if (token.getValue().path("content").asText().equals(end.get())
                && token.getKey().matches("[0-9]{1,9}")) {
              ends.add(Integer.parseInt(token.getKey()));
            }
          });
    }
    return List.copyOf(ends);
  }
}
