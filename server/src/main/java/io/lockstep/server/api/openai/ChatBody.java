package io.lockstep.server.api.openai;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a request to continue a conversation says.
 *
 * @param messages with their contents as texts, as templates take them
 * @param tools as the client wrote them, or null for none
 * @param templateVariables that the client sets for the template
 */
record ChatBody(
    GenerationBody common,
    List<Map<String, @Nullable Object>> messages,
    @Nullable List<?> tools,
    ToolChoice toolChoice,
    Map<String, @Nullable Object> templateVariables) {

  private static final int MAX_MESSAGES = 4096;

  static ChatBody read(Exchange exchange) throws IOException {
    GenerationBody common = new GenerationBody();
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    List<?> tools = null;
    Object choice = null;
    Map<String, @Nullable Object> variables = new HashMap<>();
    boolean logprobs = false;
    int top = 0;
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "messages" -> readMessages(json, messages);
          case "tools" -> tools = json.isNull() ? null : readTools(json);
          case "tool_choice" -> choice = json.value();
          case "logprobs" -> logprobs = !json.isNull() && json.bool(key);
          case "top_logprobs" -> top = json.isNull() ? 0 : (int) json.integer(key, 0, 20);
          case "chat_template_kwargs" -> {
            if (json.value() instanceof Map<?, ?> map) {
              map.forEach((name, value) -> variables.put(String.valueOf(name), value));
            }
          }
          default -> common.read(key, json);
        }
      }
      json.end();
    }
    if (messages.isEmpty()) {
      throw ServingException.invalid("the request has no messages");
    }
    if (logprobs) {
      common.fields.logprobs(top);
    }
    return new ChatBody(common, messages, tools, ToolChoice.of(choice, tools), variables);
  }

  private static List<?> readTools(JsonInput json) throws IOException {
    if (json.value() instanceof List<?> list) {
      return list;
    }
    throw ServingException.invalid("tools must be an array");
  }

  private static void readMessages(JsonInput json, List<Map<String, @Nullable Object>> messages)
      throws IOException {
    json.array("messages");
    while (json.nextElement()) {
      if (messages.size() == MAX_MESSAGES) {
        throw ServingException.invalid("there are more than " + MAX_MESSAGES + " messages");
      }
      json.object("a message");
      Map<String, @Nullable Object> message = new LinkedHashMap<>();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        message.put(key, key.equals("content") ? content(json.value()) : json.value());
      }
      if (!(message.get("role") instanceof String)) {
        throw ServingException.invalid("a message has no role");
      }
      // Newer clients call the system's role so; templates know the older name.
      message.computeIfPresent("role", (_, role) -> role.equals("developer") ? "system" : role);
      message.putIfAbsent("content", "");
      messages.add(message);
    }
  }

  /** A text, or the texts of parts one after the other. */
  private static String content(@Nullable Object content) {
    return switch (content) {
      case null -> "";
      case String text -> text;
      case List<?> parts -> {
        StringBuilder text = new StringBuilder();
        for (Object part : parts) {
          if (part instanceof Map<?, ?> map && map.get("text") instanceof String piece) {
            text.append(piece);
          } else {
            throw ServingException.invalid("only parts of text are supported in a message");
          }
        }
        yield text.toString();
      }
      default -> throw ServingException.invalid("a message's content must be text");
    };
  }
}
