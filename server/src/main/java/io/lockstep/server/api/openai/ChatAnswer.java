package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.GenerationReader;
import io.lockstep.server.api.JsonWriter;
import io.lockstep.server.api.openai.ToolCallParser.ToolCall;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A whole answer to a conversation. */
final class ChatAnswer implements GenerationReader, JsonWriter {

  private final AnswerHead head;
  private final LogprobsJson logprobs;
  private final Usage usage;
  private final List<Choice> choices = new ArrayList<>();

  private static final class Choice {
    final StringBuilder text = new StringBuilder();
    final List<GeneratedToken> tokens = new ArrayList<>();
    final ToolCallParser parser;
    List<ToolCall> calls = List.of();
    @Nullable String reason;

    Choice(ToolCallParser parser) {
      this.parser = parser;
    }
  }

  ChatAnswer(AnswerHead head, LogprobsJson logprobs, List<ToolCallParser> tools, int promptTokens) {
    this.head = head;
    this.logprobs = logprobs;
    this.usage = new Usage(promptTokens);
    tools.forEach(parser -> choices.add(new Choice(parser)));
  }

  @Override
  public void on(GenerationEvent event) {
    Choice choice = choices.get(event.choice());
    switch (event) {
      case GenerationEvent.Text(_, String text, List<GeneratedToken> tokens) -> {
        choice.text.append(choice.parser.add(text));
        choice.tokens.addAll(tokens);
      }
      case GenerationEvent.Finished finished -> {
        usage.add(finished);
        choice.calls = choice.parser.calls();
        choice.reason = choice.calls.isEmpty() ? finished.reason().label() : "tool_calls";
        if (choice.calls.isEmpty()) {
          choice.text.append(choice.parser.rest());
        }
      }
    }
  }

  @Override
  public void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    head.write(json, "chat.completion");
    json.writeArrayFieldStart("choices");
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      json.writeStartObject();
      json.writeNumberField("index", i);
      json.writeObjectFieldStart("message");
      json.writeStringField("role", "assistant");
      if (choice.calls.isEmpty() || !choice.text.isEmpty()) {
        json.writeStringField("content", choice.text.toString());
      } else {
        json.writeNullField("content");
      }
      json.writeNullField("refusal");
      if (!choice.calls.isEmpty()) {
        writeCalls(json, choice.calls);
      }
      json.writeEndObject();
      logprobs.writeChat(json, choice.tokens);
      json.writeStringField("finish_reason", choice.reason);
      json.writeEndObject();
    }
    json.writeEndArray();
    usage.write(json);
    json.writeEndObject();
  }

  /** Calls as a message, or a change of one, has them. */
  static void writeCalls(JsonGenerator json, List<ToolCall> calls) throws IOException {
    json.writeArrayFieldStart("tool_calls");
    for (int i = 0; i < calls.size(); i++) {
      json.writeStartObject();
      json.writeNumberField("index", i);
      json.writeStringField("id", calls.get(i).id());
      json.writeStringField("type", "function");
      json.writeObjectFieldStart("function");
      json.writeStringField("name", calls.get(i).name());
      json.writeStringField("arguments", calls.get(i).arguments());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
