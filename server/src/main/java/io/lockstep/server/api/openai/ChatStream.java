package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.EventStream;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.GenerationReader;
import io.lockstep.server.api.openai.ToolCallParser.ToolCall;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a conversation in chunks: one with the role for each text, one for each part of it,
 * one with the reason for its end, then the usage if it is wanted, and {@code [DONE]}.
 */
final class ChatStream implements GenerationReader {

  private final Exchange exchange;
  private final AnswerHead head;
  private final LogprobsJson logprobs;
  private final List<ToolCallParser> tools;

  /** One for each text where a call must be made; else none. */
  private final List<ForcedCall> forced;

  private final boolean includeUsage;
  private final Usage usage;
  private @Nullable EventStream events;

  ChatStream(
      Exchange exchange,
      AnswerHead head,
      LogprobsJson logprobs,
      List<ToolCallParser> tools,
      boolean includeUsage,
      int promptTokens) {
    this.exchange = exchange;
    this.head = head;
    this.logprobs = logprobs;
    this.tools = tools;
    this.forced =
        tools.stream().filter(ToolCallParser::isForced).map(_ -> new ForcedCall()).toList();
    this.includeUsage = includeUsage;
    this.usage = new Usage(promptTokens);
  }

  /** What a chunk changes of the message. */
  private interface Delta {
    void write(JsonGenerator json) throws IOException;
  }

  @Override
  public void on(GenerationEvent event) throws IOException {
    EventStream out = opened();
    switch (event) {
      case GenerationEvent.Text(int choice, String text, List<GeneratedToken> tokens) -> {
        if (!forced.isEmpty()) {
          callGoesOn(out, choice, text, tokens);
          return;
        }
        String certain = tools.get(choice).add(text);
        if (!certain.isEmpty() || !tokens.isEmpty()) {
          chunk(out, choice, json -> json.writeStringField("content", certain), tokens, null);
        }
      }
      case GenerationEvent.Finished finished -> finish(out, finished);
    }
  }

  private void callGoesOn(EventStream out, int choice, String text, List<GeneratedToken> tokens)
      throws IOException {
    ForcedCall call = forced.get(choice);
    boolean wasUnknown = call.name() == null;
    String arguments = call.add(text);
    boolean begins = wasUnknown && call.name() != null;
    if (begins || !arguments.isEmpty()) {
      chunk(out, choice, json -> call.writeDelta(json, begins, arguments), tokens, null);
    } else if (!tokens.isEmpty()) {
      chunk(out, choice, _ -> {}, tokens, null);
    }
  }

  private void finish(EventStream out, GenerationEvent.Finished finished) throws IOException {
    usage.add(finished);
    if (!forced.isEmpty()) {
      finishCall(out, finished.choice(), finished.reason());
      return;
    }
    ToolCallParser parser = tools.get(finished.choice());
    List<ToolCall> calls = parser.calls();
    if (!calls.isEmpty()) {
      chunk(out, finished.choice(), json -> ChatAnswer.writeCalls(json, calls), List.of(), null);
    } else if (!parser.rest().isEmpty()) {
      chunk(
          out,
          finished.choice(),
          json -> json.writeStringField("content", parser.rest()),
          List.of(),
          null);
    }
    String reason = calls.isEmpty() ? finished.reason().label() : "tool_calls";
    chunk(out, finished.choice(), _ -> {}, List.of(), reason);
  }

  private void finishCall(EventStream out, int choice, FinishReason reason) throws IOException {
    boolean isComplete = reason == FinishReason.END;
    ForcedCall call = forced.get(choice);
    String rest = call.rest(isComplete);
    if (!rest.isEmpty()) {
      chunk(out, choice, json -> call.writeDelta(json, false, rest), List.of(), null);
    }
    chunk(out, choice, _ -> {}, List.of(), isComplete ? "tool_calls" : reason.label());
  }

  @Override
  public void silence() throws IOException {
    opened().heartbeat();
  }

  /** The stream, whose first chunks are sent with the first event: until then there is a status. */
  private EventStream opened() throws IOException {
    if (events != null) {
      return events;
    }
    EventStream out = exchange.openEvents();
    events = out;
    for (int choice = 0; choice < tools.size(); choice++) {
      chunk(
          out,
          choice,
          json -> {
            json.writeStringField("role", "assistant");
            json.writeStringField("content", "");
          },
          List.of(),
          null);
    }
    return out;
  }

  private void chunk(
      EventStream out,
      int choice,
      Delta delta,
      List<GeneratedToken> tokens,
      @Nullable String reason)
      throws IOException {
    out.send(json -> {
      json.writeStartObject();
      head.write(json, "chat.completion.chunk");
      json.writeArrayFieldStart("choices");
      json.writeStartObject();
      json.writeNumberField("index", choice);
      json.writeObjectFieldStart("delta");
      delta.write(json);
      json.writeEndObject();
      if (!tokens.isEmpty()) {
        logprobs.writeChat(json, tokens);
      } else {
        json.writeNullField("logprobs");
      }
      json.writeStringField("finish_reason", reason);
      json.writeEndObject();
      json.writeEndArray();
      if (includeUsage) {
        json.writeNullField("usage");
      }
      json.writeEndObject();
    });
  }

  /** Ends the stream. */
  void end() throws IOException {
    EventStream out = opened();
    if (includeUsage) {
      out.send(json -> {
        json.writeStartObject();
        head.write(json, "chat.completion.chunk");
        json.writeArrayFieldStart("choices");
        json.writeEndArray();
        usage.write(json);
        json.writeEndObject();
      });
    }
    out.send("[DONE]");
  }
}
