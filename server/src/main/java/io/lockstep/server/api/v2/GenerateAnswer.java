package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.GenerationReader;
import io.lockstep.server.api.JsonWriter;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A whole text. */
final class GenerateAnswer implements GenerationReader, JsonWriter {

  private final GenerateJson parts;
  private final StringBuilder text = new StringBuilder();
  private final List<GeneratedToken> tokens = new ArrayList<>();
  private FinishReason reason = FinishReason.END;

  GenerateAnswer(GenerateJson parts) {
    this.parts = parts;
  }

  @Override
  public void on(GenerationEvent event) {
    switch (event) {
      case GenerationEvent.Text(_, String piece, List<GeneratedToken> more) -> {
        text.append(piece);
        tokens.addAll(more);
      }
      case GenerationEvent.Finished finished -> reason = finished.reason();
    }
  }

  @Override
  public void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    parts.writeText(json, text.toString());
    if (parts.hasDetails()) {
      json.writeObjectFieldStart("details");
      parts.writeReason(json, reason);
      json.writeArrayFieldStart("logprobs");
      for (GeneratedToken token : tokens) {
        parts.writeToken(json, token);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
