package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;

/**
 * Reads the elements of a tensor of known shape from a JSON array, either flat in row-major order
 * or nested as the shape says. No tree is built: each number goes into the tensor as it is parsed.
 */
public final class TensorReader {

  private final JsonParser json;
  private final String what;
  private final Tensor target;
  private final Shape shape;
  private final ElementReader elements;
  private long index;

  private TensorReader(JsonParser json, String what, Tensor target) {
    this.json = json;
    this.what = what;
    this.target = target;
    this.shape = target.shape();
    this.elements = new ElementReader(json, what);
  }

  /** Reads the array that {@code input} has come to; {@code what} names it in messages. */
  public static void read(JsonInput input, String what, Tensor target) throws IOException {
    input.array(what);
    new TensorReader(input.parser(), what, target).readAll();
  }

  private void readAll() throws IOException {
    JsonToken first = json.nextToken();
    if (first == JsonToken.START_ARRAY && shape.rank() > 1) {
      readNested(0);
    } else {
      readFlat(target.size(), shape.rank());
    }
  }

  /** Reads sub-arrays until the array of {@code axis} ends; the first one's start is current. */
  private void readNested(int axis) throws IOException {
    int extent = shape.extent(axis);
    int count = 0;
    for (; json.currentToken() != JsonToken.END_ARRAY; json.nextToken()) {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw ServingException.invalid(
            "%s must be nested %d deep for shape %s but holds %s at depth %d"
                .formatted(
                    what, shape.rank(), shape, JsonInput.kind(json.currentToken()), axis + 1));
      }
      if (++count > extent) {
        throw length(axis, "more");
      }
      json.nextToken();
      if (axis + 2 < shape.rank()) {
        readNested(axis + 1);
      } else {
        readFlat(index + shape.extent(-1), 1);
      }
    }
    if (count < extent) {
      throw length(axis, "only " + count);
    }
  }

  /**
   * Reads scalars up to element {@code end}, exclusive, which is where the array must end.
   *
   * @param axes how many of the last axes the array holds, for messages
   */
  private void readFlat(long end, int axes) throws IOException {
    long first = index;
    for (; json.currentToken() != JsonToken.END_ARRAY; json.nextToken()) {
      if (json.currentToken() == JsonToken.START_ARRAY) {
        throw ServingException.invalid(
            what + " is nested deeper than, or otherwise than, its shape " + shape);
      }
      if (index == end) {
        throw ServingException.invalid(
            "%s must hold %s but holds more than %d elements"
                .formatted(what, expected(axes), end - first));
      }
      elements.read(target, index++);
    }
    if (index < end) {
      throw ServingException.invalid(
          "%s must hold %s but holds only %d elements"
              .formatted(what, expected(axes), index - first));
    }
  }

  private String expected(int axes) {
    return axes == shape.rank()
        ? shape.toString()
        : shape.extent(-1) + " elements along its last axis, as in " + shape;
  }

  private ServingException length(int axis, String found) {
    return ServingException.invalid(
        "%s must hold %d arrays along axis %d for shape %s but holds %s"
            .formatted(what, shape.extent(axis), axis, shape, found));
  }
}
