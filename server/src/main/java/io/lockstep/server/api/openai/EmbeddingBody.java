package io.lockstep.server.api.openai;

import io.lockstep.server.api.EmbeddingInputs;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;

/**
 * What the body of an embedding request says.
 *
 * @param base64 whether vectors are wanted as base64 of little-endian 32-bit floats
 * @param dimensions of the vectors wanted, or 0 for all
 */
record EmbeddingBody(String model, EmbeddingInputs inputs, boolean base64, int dimensions) {

  static EmbeddingBody read(Exchange exchange) throws IOException {
    return exchange.readJson(json -> read(json, exchange.limits().maxTexts()));
  }

  private static EmbeddingBody read(JsonInput json, int maxTexts) throws IOException {
    String model = null;
    EmbeddingInputs inputs = null;
    boolean base64 = false;
    int dimensions = 0;
    json.startObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "model" -> model = json.string("model");
        case "input" -> inputs = EmbeddingInputs.read(json, "input", maxTexts);
        case "encoding_format" -> base64 = !json.isNull() && readBase64(json);
        case "dimensions" ->
            dimensions = json.isNull() ? 0 : (int) json.integer("dimensions", 1, Integer.MAX_VALUE);
        default -> json.skip();
      }
    }
    json.end();
    if (model == null || inputs == null) {
      String missing = model == null ? "model" : "input";
      throw ServingException.invalid("the request has no " + missing).at(missing);
    }
    return new EmbeddingBody(model, inputs, base64, dimensions);
  }

  private static boolean readBase64(JsonInput json) throws IOException {
    String format = json.string("encoding_format");
    return switch (format) {
      case "base64" -> true;
      case "float" -> false;
      default ->
          throw ServingException.invalid(
              "encoding_format must be float or base64 but is '"
                  + JsonInput.shortened(format)
                  + "'");
    };
  }
}
