package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.Exchange;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * What all parts of an answer begin with.
 *
 * @param created seconds since 1970
 */
record AnswerHead(String id, long created, String model) {

  static AnswerHead of(String prefix, String model, Exchange exchange) {
    return new AnswerHead(
        prefix + UUID.randomUUID().toString().replace("-", ""),
        TimeUnit.MILLISECONDS.toSeconds(exchange.arrivedAtMillis()),
        model);
  }

  void write(JsonGenerator json, String object) throws IOException {
    json.writeStringField("id", id);
    json.writeStringField("object", object);
    json.writeNumberField("created", created);
    json.writeStringField("model", model);
  }

  /** The tokens that were counted; {@code cached} of the prompt's needed no computation. */
  static void writeUsage(JsonGenerator json, long prompt, long generated, long cached)
      throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", prompt);
    json.writeNumberField("completion_tokens", generated);
    json.writeNumberField("total_tokens", prompt + generated);
    json.writeObjectFieldStart("prompt_tokens_details");
    json.writeNumberField("cached_tokens", cached);
    json.writeEndObject();
    json.writeEndObject();
  }
}
