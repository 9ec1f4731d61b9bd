package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes what whole answers and events of a generated text have in common.
 *
 * @param id what the client calls the request, or null
 * @param hasDetails whether tokens and the reason of the end are told
 */
record GenerateJson(
    String model, String version, @Nullable String id, boolean hasDetails, Tokenizer tokenizer) {

  /** Stands for minus infinity, which JSON has not, as in OpenAI's protocol. */
  private static final double IMPOSSIBLE = -9999;

  /** The fields that every answer and every event begins with. */
  void writeText(JsonGenerator json, String text) throws IOException {
    json.writeStringField("model_name", model);
    json.writeStringField("model_version", version);
    if (id != null) {
      json.writeStringField("id", id);
    }
    json.writeStringField("text_output", text);
  }

  void writeReason(JsonGenerator json, FinishReason reason) throws IOException {
    json.writeStringField(
        "finish_reason",
        switch (reason) {
          case END -> "eos_token";
          case STOP -> "stop_sequence";
          case LENGTH -> "length";
        });
  }

  void writeToken(JsonGenerator json, GeneratedToken token) throws IOException {
    int id = token.logprobs().chosen().id();
    boolean isSpecial = tokenizer.bytesOf(id).length == 0;
    json.writeStartObject();
    json.writeNumberField("id", id);
    json.writeStringField("text", isSpecial ? tokenizer.tokenOf(id).orElse("") : token.text());
    json.writeNumberField("logprob", Math.max(IMPOSSIBLE, token.logprobs().chosen().logprob()));
    json.writeBooleanField("special", isSpecial);
    json.writeEndObject();
  }
}
