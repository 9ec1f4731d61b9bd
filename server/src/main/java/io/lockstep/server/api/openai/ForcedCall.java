package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A call that the model has to make, taken apart while it is written. Its grammar has it begin with
 * the name, which has nothing to escape, then the arguments, and end with a brace.
 */
final class ForcedCall {

  private static final String BEFORE_NAME = "{\"name\": \"";
  private static final String AFTER_NAME = "\", \"arguments\": ";

  private final String id = "call_" + UUID.randomUUID().toString().replace("-", "");
  private final StringBuilder held = new StringBuilder();
  private @Nullable String name;

  /** The function; null until it is known. */
  @Nullable String name() {
    return name;
  }

  /** What is new of the arguments; the last character is kept, since it may be the call's end. */
  String add(String text) {
    held.append(text);
    if (name == null) {
      int end = held.indexOf(AFTER_NAME);
      if (end < 0) {
        return "";
      }
      name = held.substring(BEFORE_NAME.length(), end);
      held.delete(0, end + AFTER_NAME.length());
    }
    int certain = Math.max(0, held.length() - 1);
    String piece = held.substring(0, certain);
    held.delete(0, certain);
    return piece;
  }

  /** Writes a change of the message: a piece of the arguments, and the call itself at first. */
  void writeDelta(JsonGenerator json, boolean begins, String arguments) throws IOException {
    json.writeArrayFieldStart("tool_calls");
    json.writeStartObject();
    json.writeNumberField("index", 0);
    if (begins) {
      json.writeStringField("id", id);
      json.writeStringField("type", "function");
    }
    json.writeObjectFieldStart("function");
    if (begins) {
      json.writeStringField("name", name);
    }
    json.writeStringField("arguments", arguments);
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndArray();
  }

  /** What was kept of a call that was cut off; nothing of one that is complete. */
  String rest(boolean isComplete) {
    return isComplete || name == null ? "" : held.toString();
  }
}
