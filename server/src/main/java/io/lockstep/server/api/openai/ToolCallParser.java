package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Finds calls of tools in a text. Models write them in a few ways: {@code <tool_call>} around JSON
 * (Hermes, Qwen), {@code [TOOL_CALLS]} before an array (Mistral), or JSON alone (Llama, and
 * whatever must call a tool). A text that may be a call is held back until it is complete.
 */
final class ToolCallParser {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> OPENERS = List.of("<tool_call>", "[TOOL_CALLS]", "{\"name\"");

  private final boolean isOn;
  private final boolean isForced;
  private final int mostCalls;
  private final StringBuilder held = new StringBuilder();
  private boolean isCall;

  /** One call; {@code arguments} is JSON. */
  record ToolCall(String id, String name, String arguments) {}

  ToolCallParser(ToolChoice choice) {
    this.isOn = !choice.isOff();
    this.isForced = choice.isForced();
    this.isCall = isForced;
    this.mostCalls = choice.isParallel() ? Integer.MAX_VALUE : 1;
  }

  /** A parser for each text of an answer. */
  static List<ToolCallParser> forEach(int choices, ToolChoice choice) {
    return IntStream.range(0, choices).mapToObj(_ -> new ToolCallParser(choice)).toList();
  }

  /** Whether the whole text is a call. */
  boolean isForced() {
    return isForced;
  }

  /** The part of the text that is certain to be no call. */
  String add(String text) {
    if (!isOn) {
      return text;
    }
    held.append(text);
    if (isCall) {
      return "";
    }
    int certain = held.length();
    for (String opener : OPENERS) {
      int at = held.indexOf(opener);
      if (at >= 0) {
        isCall = true;
        certain = Math.min(certain, at);
      } else {
        certain = Math.min(certain, held.length() - unfinished(opener));
      }
    }
    String before = held.substring(0, certain);
    held.delete(0, certain);
    return before;
  }

  private int unfinished(String opener) {
    for (int length = Math.min(opener.length() - 1, held.length()); length > 0; length--) {
      if (held.indexOf(opener.substring(0, length), held.length() - length) >= 0) {
        return length;
      }
    }
    return 0;
  }

  /** The calls of a text that is over; when there are none, {@link #rest} is text after all. */
  List<ToolCall> calls() {
    if (!isCall) {
      return List.of();
    }
    List<ToolCall> calls = new ArrayList<>();
    String text =
        held.toString().replace("[TOOL_CALLS]", "").replace("</tool_call>", "<tool_call>");
    for (String piece : text.split("<tool_call>", -1)) {
      if (piece.isBlank()) {
        continue;
      }
      try {
        JsonNode node = JSON.readTree(piece);
        for (JsonNode call : node.isArray() ? node : List.of(node)) {
          if (!call.path("name").isTextual()) {
            return List.of();
          }
          JsonNode arguments =
              call.has("arguments") ? call.get("arguments") : call.path("parameters");
          calls.add(
              new ToolCall(
                  "call_" + UUID.randomUUID().toString().replace("-", ""),
                  call.get("name").asText(),
                  arguments.isTextual()
                      ? arguments.asText()
                      : arguments.isMissingNode() ? "{}" : arguments.toString()));
        }
      } catch (JsonProcessingException noCall) {
        return List.of();
      }
    }
    return calls.subList(0, Math.min(mostCalls, calls.size()));
  }

  /** What was held back. */
  String rest() {
    return held.toString();
  }
}
