package io.lockstep.server.api.openai;

import io.lockstep.server.api.Conversation;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.List;

/** What the body of a request to continue a conversation says. */
record ChatBody(GenerationBody common, Conversation conversation, ToolChoice toolChoice) {

  static ChatBody read(Exchange exchange) throws IOException {
    return exchange.readJson(ChatBody::read);
  }

  private static ChatBody read(JsonInput json) throws IOException {
    GenerationBody common = new GenerationBody();
    Conversation conversation = new Conversation();
    Object choice = null;
    boolean isParallel = true;
    boolean logprobs = false;
    int top = 0;
    json.startObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "tool_choice" -> choice = json.value();
        case "parallel_tool_calls" -> isParallel = json.isNull() || json.bool(key);
        case "functions" -> {
          if (json.value() instanceof List<?> functions && !functions.isEmpty()) {
            throw ServingException.invalid("functions are not supported: give them as tools");
          }
        }
        case "logprobs" -> logprobs = !json.isNull() && json.bool(key);
        case "top_logprobs" -> top = json.isNull() ? 0 : (int) json.integer(key, 0, 20);
        default -> {
          if (!conversation.read(key, json)) {
            common.read(key, json);
          }
        }
      }
    }
    json.end();
    if (conversation.isEmpty()) {
      throw ServingException.invalid("the request has no messages").at("messages");
    }
    if (logprobs) {
      common.fields.logprobs(top);
    }
    return new ChatBody(
        common, conversation, ToolChoice.of(choice, conversation.tools(), isParallel));
  }
}
