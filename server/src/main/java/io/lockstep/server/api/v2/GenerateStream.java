package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.EventStream;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.GenerationReader;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text in events, each with what is new of it. With details the last one tells why it ended. */
final class GenerateStream implements GenerationReader {

  private final Exchange exchange;
  private final GenerateJson parts;
  private @Nullable EventStream events;
  private boolean isEmpty = true;

  GenerateStream(Exchange exchange, GenerateJson parts) {
    this.exchange = exchange;
    this.parts = parts;
  }

  @Override
  public void on(GenerationEvent event) throws IOException {
    switch (event) {
      case GenerationEvent.Text(_, String text, List<GeneratedToken> tokens) -> {
        isEmpty = false;
        send(text, tokens, null);
      }
      case GenerationEvent.Finished finished -> {
        if (isEmpty || parts.hasDetails()) {
          send("", List.of(), finished.reason());
        }
      }
    }
  }

  private void send(String text, List<GeneratedToken> tokens, @Nullable FinishReason reason)
      throws IOException {
    opened()
        .send(json -> {
          json.writeStartObject();
          parts.writeText(json, text);
          if (parts.hasDetails()) {
            writeDetails(json, tokens, reason);
          }
          json.writeEndObject();
        });
  }

  /** A text goes on by one token at a time, or by what was held back, which has none. */
  private void writeDetails(
      JsonGenerator json, List<GeneratedToken> tokens, @Nullable FinishReason reason)
      throws IOException {
    json.writeObjectFieldStart("details");
    if (reason != null) {
      parts.writeReason(json, reason);
    }
    if (!tokens.isEmpty()) {
      json.writeFieldName("token");
      parts.writeToken(json, tokens.getFirst());
    }
    json.writeEndObject();
  }

  @Override
  public void silence() throws IOException {
    opened().heartbeat();
  }

  private EventStream opened() throws IOException {
    if (events == null) {
      events = exchange.openEvents();
    }
    return events;
  }
}
