package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.server.serving.EmbeddingRequest.Input;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what to embed: a text, token ids, or an array of texts or of arrays of token ids.
 *
 * @param inputs at least one
 * @param single whether it stood there bare, not in an array
 */
public record EmbeddingInputs(List<Input> inputs, boolean single) {

  /** Token ids of one row; far more than any encoder takes. */
  private static final int MAX_TOKENS = 1 << 18;

  public EmbeddingInputs {
    inputs = List.copyOf(inputs);
  }

  /**
   * Reads the value that {@code json} has come to.
   *
   * @param what names it in messages
   * @param maxInputs how many there may be
   */
  public static EmbeddingInputs read(JsonInput json, String what, int maxInputs)
      throws IOException {
    if (json.isString()) {
      return new EmbeddingInputs(List.of(new Input.Text(json.string(what))), true);
    }
    if (!json.isArray()) {
      throw json.wrong(what, "a string, an array of strings, or token ids");
    }
    if (json.parser().nextToken() == JsonToken.VALUE_NUMBER_INT) {
      return new EmbeddingInputs(List.of(readTokens(json, what)), true);
    }
    List<Input> inputs = new ArrayList<>();
    for (; json.parser().currentToken() != JsonToken.END_ARRAY; json.parser().nextToken()) {
      if (inputs.size() == maxInputs) {
        throw ServingException.invalid(
            what + " has more than " + maxInputs + " elements, which is the most allowed");
      }
      inputs.add(readOne(json, what + "[" + inputs.size() + "]"));
    }
    if (inputs.isEmpty()) {
      throw ServingException.invalid(what + " must not be empty");
    }
    return new EmbeddingInputs(inputs, false);
  }

  private static Input readOne(JsonInput json, String what) throws IOException {
    if (json.isArray()) {
      json.parser().nextToken();
      return readTokens(json, what);
    }
    if (!json.isString()) {
      throw json.wrong(what, "a string or an array of token ids");
    }
    return new Input.Text(json.string(what));
  }

  /** Reads ids up to the array's end; the first one is current. */
  private static Input readTokens(JsonInput json, String what) throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (; json.parser().currentToken() != JsonToken.END_ARRAY; json.parser().nextToken()) {
      if (ids.size() == MAX_TOKENS) {
        throw ServingException.invalid(
            what + " has more than " + MAX_TOKENS + " token ids, which is the most allowed");
      }
      ids.add((int) json.integer(what + "[" + ids.size() + "]", 0, Integer.MAX_VALUE));
    }
    return new Input.Tokens(ids);
  }
}
