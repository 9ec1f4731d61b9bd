package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.EventStream;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.GenerationReader;
import io.lockstep.server.api.JsonWriter;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Continuations of texts, whole or in chunks; both have the same form. */
final class CompletionAnswer implements GenerationReader, JsonWriter {

  private final @Nullable Exchange exchange; // null for a whole answer
  private final AnswerHead head;
  private final LogprobsJson logprobs;
  private final boolean includeUsage;
  private final Usage usage = new Usage(0);
  private final List<Choice> choices = new ArrayList<>();
  private @Nullable EventStream events;
  private int firstChoice;

  private static final class Choice {
    final StringBuilder text;
    final List<GeneratedToken> tokens = new ArrayList<>();
    final String echo;
    int length; // characters sent
    @Nullable String reason;

    Choice(String echo) {
      this.echo = echo;
      this.text = new StringBuilder(echo);
    }
  }

  private CompletionAnswer(
      @Nullable Exchange exchange,
      AnswerHead head,
      LogprobsJson logprobs,
      List<String> echoes,
      boolean includeUsage) {
    this.exchange = exchange;
    this.head = head;
    this.logprobs = logprobs;
    this.includeUsage = includeUsage;
    echoes.forEach(echo -> choices.add(new Choice(echo)));
  }

  /** An answer that is written when all of it is there. */
  static CompletionAnswer whole(AnswerHead head, LogprobsJson logprobs, List<String> echoes) {
    return new CompletionAnswer(null, head, logprobs, echoes, true);
  }

  /** An answer that is sent as it comes. */
  static CompletionAnswer streaming(
      Exchange exchange,
      AnswerHead head,
      LogprobsJson logprobs,
      List<String> echoes,
      boolean includeUsage) {
    return new CompletionAnswer(exchange, head, logprobs, echoes, includeUsage);
  }

  /** The events that follow are of a prompt whose first choice has this number. */
  void promptBegins(int choice, int promptTokens) {
    firstChoice = choice;
    usage.addPrompt(promptTokens);
  }

  @Override
  public void on(GenerationEvent event) throws IOException {
    int index = firstChoice + event.choice();
    Choice choice = choices.get(index);
    if (event instanceof GenerationEvent.Text(_, String text, List<GeneratedToken> tokens)) {
      choice.text.append(text);
      choice.tokens.addAll(tokens);
    } else if (event instanceof GenerationEvent.Finished finished) {
      usage.add(finished);
      choice.reason = finished.reason().label();
    }
    if (exchange != null) {
      opened().send(json -> writeChunk(json, index, choice));
      choice.length += choice.text.length();
      choice.text.setLength(0);
      choice.tokens.clear();
    }
  }

  @Override
  public void silence() throws IOException {
    if (exchange != null) {
      opened().heartbeat();
    }
  }

  private EventStream opened() throws IOException {
    if (exchange == null) {
      throw new IllegalStateException("a whole answer has no events");
    }
    if (events == null) {
      events = exchange.openEvents();
    }
    return events;
  }

  private void writeChunk(JsonGenerator json, int index, Choice choice) throws IOException {
    json.writeStartObject();
    head.write(json, "text_completion");
    json.writeArrayFieldStart("choices");
    writeChoice(json, index, choice);
    json.writeEndArray();
    if (includeUsage) {
      json.writeNullField("usage");
    }
    json.writeEndObject();
  }

  private void writeChoice(JsonGenerator json, int index, Choice choice) throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", index);
    json.writeStringField("text", choice.text.toString());
    int offset = choice.length > 0 ? choice.length : choice.echo.length();
    logprobs.writeCompletion(json, choice.tokens, offset);
    json.writeStringField("finish_reason", choice.reason);
    json.writeEndObject();
  }

  /** Ends a stream. */
  void end() throws IOException {
    if (includeUsage) {
      opened()
          .send(json -> {
            json.writeStartObject();
            head.write(json, "text_completion");
            json.writeArrayFieldStart("choices");
            json.writeEndArray();
            usage.write(json);
            json.writeEndObject();
          });
    }
    opened().send("[DONE]");
  }

  @Override
  public void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    head.write(json, "text_completion");
    json.writeArrayFieldStart("choices");
    for (int i = 0; i < choices.size(); i++) {
      writeChoice(json, i, choices.get(i));
    }
    json.writeEndArray();
    usage.write(json);
    json.writeEndObject();
  }
}
