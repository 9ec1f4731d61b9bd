package io.lockstep.server.api.tei;

import io.lockstep.server.api.Conversation;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a request for tokens says, in any of three forms: {@code inputs} are texts for
 * TEI, {@code prompt} or {@code messages} make one prompt for vLLM, and {@code content} does for
 * llama.cpp.
 */
final class TokenizeBody {

  private final Conversation conversation = new Conversation();
  private List<String> texts = List.of();
  private @Nullable String model;
  private @Nullable String prompt;
  private @Nullable Boolean addSpecialTokens;
  private boolean returnTokenStrings;

  static TokenizeBody read(Exchange exchange) throws IOException {
    TokenizeBody body = new TokenizeBody();
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        body.read(key, json, exchange.limits().maxTexts());
      }
      json.end();
    }
    if (body.prompt != null && !body.conversation.isEmpty()) {
      throw ServingException.invalid("the request has both a prompt and messages");
    }
    return body;
  }

  private void read(String key, JsonInput json, int maxTexts) throws IOException {
    switch (key) {
      case "inputs" -> texts = readTexts(json, maxTexts);
      case "model" -> model = json.isNull() ? null : json.string(key);
      case "prompt" -> prompt = json.string(key);
      case "content" -> {
        prompt = json.string(key);
        addSpecialTokens = addSpecialTokens == null ? Boolean.FALSE : addSpecialTokens;
      }
      case "add_special_tokens", "add_special" -> addSpecialTokens = json.bool(key);
      case "return_token_strs" -> returnTokenStrings = !json.isNull() && json.bool(key);
      default -> {
        if (!conversation.read(key, json)) {
          json.skip();
        }
      }
    }
  }

  private static List<String> readTexts(JsonInput json, int maxTexts) throws IOException {
    if (!json.isArray()) {
      return List.of(json.string("inputs"));
    }
    List<String> texts = new ArrayList<>();
    while (json.nextElement()) {
      TokenRoutes.requireRoom(texts, maxTexts, "inputs");
      texts.add(json.string("inputs[" + texts.size() + "]"));
    }
    return texts;
  }

  /** Whether one prompt is asked about, and not texts. */
  boolean isPrompt() {
    return prompt != null || !conversation.isEmpty();
  }

  List<String> texts() {
    return texts;
  }

  /** The model that the body names, or null. */
  @Nullable String model() {
    return model;
  }

  /** The prompt as text, or null when a conversation makes it. */
  @Nullable String prompt() {
    return prompt;
  }

  Conversation conversation() {
    return conversation;
  }

  /** Whether the special tokens of the model's texts are added; null when nothing is said. */
  @Nullable Boolean addSpecialTokens() {
    return addSpecialTokens;
  }

  /** Whether the answer spells the tokens out. */
  boolean returnTokenStrings() {
    return returnTokenStrings;
  }
}
