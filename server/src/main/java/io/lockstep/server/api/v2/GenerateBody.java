package io.lockstep.server.api.v2;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.GenerationFields;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a request to continue a text says: {@code text_input}, and parameters as KServe
 * writes them, in {@code parameters}, or as Triton does, beside the text.
 */
final class GenerateBody {

  /** What KServe's generate_rest.yaml gives unless asked for more. */
  private static final int DEFAULT_MAX_TOKENS = 20;

  final GenerationFields fields = new GenerationFields();
  private @Nullable String text;
  private @Nullable String id;
  private boolean details;
  private Duration timeout = Duration.ZERO;

  static GenerateBody read(Exchange exchange) throws IOException {
    GenerateBody body = new GenerateBody();
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        body.read(key, json);
      }
      json.end();
    }
    body.fields.defaultMaxTokens(DEFAULT_MAX_TOKENS);
    if (body.details) {
      body.fields.logprobs(0);
    }
    return body;
  }

  private void read(String key, JsonInput json) throws IOException {
    switch (key) {
      case "text_input" -> text = json.string(key);
      case "id" -> id = json.isNull() ? null : json.string(key);
      case "parameters" -> {
        if (!json.isNull()) {
          json.object(key);
          for (String name = json.nextKey(); name != null; name = json.nextKey()) {
            readParameter(name, json);
          }
        }
      }
      default -> readParameter(key, json);
    }
  }

  private void readParameter(String key, JsonInput json) throws IOException {
    if (fields.read(key, json) || json.isNull()) {
      return;
    }
    switch (key) {
      case "details" -> details = json.bool(key);
      case "timeout" ->
          timeout = Duration.of(json.integer(key, 0, Long.MAX_VALUE), ChronoUnit.MICROS);
      default -> json.skip(); // unknown parameters mean nothing, as in the rest of the protocol
    }
  }

  String text() {
    if (text == null) {
      throw ServingException.invalid("the request has no text_input");
    }
    return text;
  }

  /** What the client calls the request, for the answer; null when it does not say. */
  @Nullable String id() {
    return id;
  }

  /** Whether the answer tells of tokens and of the text's end. */
  boolean wantsDetails() {
    return details;
  }

  /** How long the text may take; zero when the request does not say. */
  Duration timeout() {
    return timeout;
  }
}
