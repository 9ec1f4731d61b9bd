package io.lockstep.server.api.tei;

import io.lockstep.runtime.tokenizer.Truncation;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.Locale;

/** Collects how to embed, key by key. */
final class EmbedOptions {

  private boolean truncate;
  private Truncation.Side side = Truncation.Side.RIGHT;
  private boolean normalize = true;
  private int dimensions;

  /** Takes the value that {@code json} has come to, if {@code key} is one of the options. */
  void read(String key, JsonInput json) throws IOException {
    switch (key) {
      case "truncate" -> truncate = !json.isNull() && json.bool(key);
      case "truncation_direction" -> side = side(json.string(key));
      case "normalize" -> normalize = json.bool(key);
      case "dimensions" ->
          dimensions = json.isNull() ? 0 : (int) json.integer(key, 1, Integer.MAX_VALUE);
      case "prompt_name" -> {
        if (!json.isNull()) {
          throw new ServingException(
              ErrorCode.UNSUPPORTED, "prompt_name is not supported: models have no prompts here");
        }
      }
      default -> json.skip();
    }
  }

  EmbeddingRequest.Options result() {
    return new EmbeddingRequest.Options(truncate, side, normalize, dimensions, 0);
  }

  private static Truncation.Side side(String direction) {
    return switch (direction.toLowerCase(Locale.ROOT)) {
      case "left" -> Truncation.Side.LEFT;
      case "right" -> Truncation.Side.RIGHT;
      default ->
          throw ServingException.invalid(
              "truncation_direction must be left or right but is '"
                  + JsonInput.shortened(direction)
                  + "'");
    };
  }
}
