package io.lockstep.server.api;

import io.lockstep.server.chat.ChatTemplate;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A conversation as clients write it, with all that the prompt which it becomes depends on. */
public final class Conversation {

  private static final int MAX_MESSAGES = 4096;

  /** For models that were made for stories rather than conversations: all contents, by lines. */
  private static final String PLAIN_TEMPLATE =
      "{{ bos_token }}{% for message in messages %}{{ message.content }}"
          + "{% if not loop.last %}{{ '\\n' }}{% endif %}{% endfor %}";

  /** The roles of OpenAI's API. */
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function");

  /** Those who may say nothing: models that call a tool, and functions without a result. */
  private static final Set<String> MAY_BE_SILENT = Set.of("assistant", "function");

  /** Of private characters, which no text of people has. */
  private static final String END_MARK = "\uE0D1\uF2B7\uE0D1";

  private final List<Map<String, @Nullable Object>> messages = new ArrayList<>();
  private final Map<String, @Nullable Object> variables = new HashMap<>();
  private @Nullable List<?> tools;
  private boolean opensAnswer = true;
  private boolean continuesLast;

  /** Reads the value of {@code key} if it is a part of a conversation. */
  public boolean read(String key, JsonInput json) throws IOException {
    switch (key) {
      case "messages" -> readMessages(json);
      case "tools" -> tools = json.isNull() ? null : readTools(json);
      case "add_generation_prompt" -> opensAnswer = json.isNull() || json.bool(key);
      case "continue_final_message" -> continuesLast = !json.isNull() && json.bool(key);
      case "chat_template_kwargs" -> {
        if (json.value() instanceof Map<?, ?> map) {
          map.forEach((name, value) -> variables.put(String.valueOf(name), value));
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Whether nobody has said anything. */
  public boolean isEmpty() {
    return messages.isEmpty();
  }

  /** The tools as the client wrote them, or null for none. */
  public @Nullable List<?> tools() {
    return tools;
  }

  /**
   * What the model is to continue.
   *
   * @param tellsTools whether the model is told of the tools
   * @throws ServingException INVALID_ARGUMENT when there are no messages, or the model's template
   *     refuses them
   */
  public String prompt(GenerationTraits traits, boolean tellsTools) {
    if (messages.isEmpty()) {
      throw ServingException.invalid("the request has no messages").at("messages");
    }
    String template = traits.chatTemplate().orElse(PLAIN_TEMPLATE);
    ChatTemplate filled = new ChatTemplate(template, traits.beginToken(), traits.endToken());
    List<?> told = tellsTools ? tools : null;
    if (!continuesLast) {
      return filled.prompt(known(messages, template), told, opensAnswer, variables);
    }
    String prompt = filled.prompt(known(withEndMark(), template), told, false, variables);
    int end = prompt.lastIndexOf(END_MARK);
    if (end < 0) {
      throw ServingException.invalid(
              "the model's template leaves the last message out: continue_final_message cannot be done")
          .at("continue_final_message");
    }
    return prompt.substring(0, end);
  }

  /** The messages with a mark where the last one ends; what a template puts behind it is cut. */
  private List<Map<String, @Nullable Object>> withEndMark() {
    List<Map<String, @Nullable Object>> marked = new ArrayList<>(messages);
    Map<String, @Nullable Object> last = new LinkedHashMap<>(marked.removeLast());
    last.put("content", last.get("content") + END_MARK);
    marked.add(last);
    return marked;
  }

  /** Newer clients call the system's role the developer's, which older templates do not know. */
  private static List<Map<String, @Nullable Object>> known(
      List<Map<String, @Nullable Object>> messages, String template) {
    if (template.contains("developer")) {
      return messages;
    }
    List<Map<String, @Nullable Object>> renamed = new ArrayList<>();
    for (Map<String, @Nullable Object> message : messages) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>(message);
      copy.replace("role", "developer", "system");
      renamed.add(copy);
    }
    return renamed;
  }

  private static List<?> readTools(JsonInput json) throws IOException {
    if (json.value() instanceof List<?> list) {
      return list;
    }
    throw ServingException.invalid("tools must be an array");
  }

  private void readMessages(JsonInput json) throws IOException {
    json.array("messages");
    while (json.nextElement()) {
      if (messages.size() == MAX_MESSAGES) {
        throw ServingException.invalid("there are more than " + MAX_MESSAGES + " messages");
      }
      messages.add(readMessage(json, "messages[" + messages.size() + "]"));
    }
  }

  private static Map<String, @Nullable Object> readMessage(JsonInput json, String name)
      throws IOException {
    json.object(name);
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      message.put(
          key, key.equals("content") ? content(json.value(), name + ".content") : json.value());
    }
    if (!(message.get("role") instanceof String role)) {
      throw ServingException.invalid(name + " has no role").at(name + ".role");
    }
    // Most templates leave messages of a role that they do not know out, and nobody would notice.
    if (!ROLES.contains(role)) {
      throw ServingException.invalid(
              "%s.role must be system, developer, user, assistant, tool or function but is '%s'"
                  .formatted(name, JsonInput.shortened(role)))
          .at(name + ".role");
    }
    if (message.get("content") == null) {
      if (!MAY_BE_SILENT.contains(role)) {
        throw ServingException.invalid(name + " has no content").at(name + ".content");
      }
      message.put("content", "");
    }
    return message;
  }

  /** A text, or the texts of parts one after the other; null for none. */
  private static @Nullable String content(@Nullable Object content, String name) {
    return switch (content) {
      case null -> null;
      case String text -> text;
      case List<?> parts when parts.isEmpty() -> null;
      case List<?> parts -> {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
          if (!(parts.get(i) instanceof Map<?, ?> part)
              || !(part.get("text") instanceof String piece)) {
            throw ServingException.invalid("only parts of text are supported in a message")
                .at(name + "[" + i + "]");
          }
          text.append(piece);
        }
        yield text.toString();
      }
      default -> throw ServingException.invalid(name + " must be text");
    };
  }
}
