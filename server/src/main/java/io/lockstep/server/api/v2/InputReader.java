package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.api.TensorLimits;
import io.lockstep.server.api.TensorReader;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one element of {@code inputs}. Its data goes straight into the tensor when shape and
 * datatype stand before it, as all known clients write them; otherwise it is kept as text, which
 * the limit of the body bounds, until the object ends.
 */
final class InputReader {

  private final Exchange exchange;
  private final TensorMemory memory;
  private final long jsonBytes;
  private final String what;

  private @Nullable String name;
  private long @Nullable [] shape;
  private @Nullable DType dtype;
  private Parameters parameters = new Parameters();
  private byte @Nullable [] keptData;
  private @Nullable TensorType binaryType;
  private @Nullable Tensor tensor;
  private boolean filled;

  /**
   * A reader for one input.
   *
   * @param jsonBytes length of the JSON, or -1 when that is not known
   * @param what names the input in messages, for as long as its name is not known
   */
  InputReader(Exchange exchange, TensorMemory memory, long jsonBytes, String what) {
    this.exchange = exchange;
    this.memory = memory;
    this.jsonBytes = jsonBytes;
    this.what = what;
  }

  /** Reads the object that {@code json} has come to. */
  void read(JsonInput json) throws IOException {
    json.object(what);
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "name" -> name = json.string(what + ".name");
        case "datatype" -> dtype = Datatypes.of(json.string(what + ".datatype"), what);
        case "shape" -> shape = readShape(json);
        case "parameters" -> parameters = Parameters.read(json, what + ".parameters");
        case "data" -> readData(json);
        default -> json.skip();
      }
    }
    complete();
  }

  /** Bytes of this input that follow the JSON, or -1 when its elements were in the JSON. */
  long binaryBytes() {
    return parameters.binaryDataSize();
  }

  /** Reads the elements that follow the JSON, when this input has its elements there. */
  void receive(InputStream body) throws IOException {
    if (binaryType != null) {
      // Only now, so that a few bytes of JSON cannot claim memory for many tensors at a time.
      tensor = memory.allocate(binaryType);
      BinaryTensors.read(body, tensor, binaryBytes(), label());
    }
  }

  /** The input, once all its elements are read. */
  NamedTensor result() {
    if (name == null || tensor == null) {
      throw new IllegalStateException("an input was not read to its end");
    }
    return new NamedTensor(name, tensor);
  }

  private long[] readShape(JsonInput json) throws IOException {
    json.array(what + ".shape");
    long[] extents = new long[TensorLimits.MAX_RANK];
    int rank = 0;
    while (json.nextElement()) {
      if (rank == extents.length) {
        throw ServingException.invalid(
            label()
                + " has more than "
                + TensorLimits.MAX_RANK
                + " axes, which is the most allowed");
      }
      extents[rank++] = json.integer(what + ".shape", 0, Integer.MAX_VALUE);
    }
    return Arrays.copyOf(extents, rank);
  }

  private void readData(JsonInput json) throws IOException {
    json.array(label() + ".data");
    if (shape != null && dtype != null) {
      fill(json, shape, dtype);
    } else {
      keptData = copy(json.parser());
    }
  }

  private void fill(JsonInput json, long[] extents, DType elementType) throws IOException {
    if (!Datatypes.hasJsonForm(elementType)) {
      throw ServingException.invalid(
          "%s is %s, which has no JSON form; send it in binary"
              .formatted(label(), Datatypes.name(elementType)));
    }
    TensorType type = TensorLimits.check(label(), elementType, extents, exchange.limits());
    TensorLimits.checkAgainstBody(label(), type, jsonBytes);
    tensor = memory.allocate(type);
    TensorReader.read(json, label() + ".data", tensor);
    filled = true;
  }

  private void complete() throws IOException {
    if (name == null || shape == null || dtype == null) {
      String missing = name == null ? "name" : shape == null ? "shape" : "datatype";
      throw ServingException.invalid(label() + " has no " + missing);
    }
    boolean binary = parameters.binaryDataSize() >= 0;
    if (keptData != null) {
      try (JsonInput kept = exchange.json(new ByteArrayInputStream(keptData), false)) {
        kept.parser().nextToken();
        fill(kept, shape, dtype);
      }
      keptData = null;
    }
    if (binary == filled) {
      throw ServingException.invalid(
          label()
              + (binary ? " has both data and binary_data_size" : " has no data")
              + "; expected one of data and parameters.binary_data_size");
    }
    if (binary) {
      binaryType = binaryType(shape, dtype);
    }
  }

  private TensorType binaryType(long[] extents, DType elementType) {
    TensorType type = TensorLimits.check(label(), elementType, extents, exchange.limits());
    long bytes = parameters.binaryDataSize();
    // Every text has four bytes of length, so that the size bounds the elements there too.
    boolean fits =
        elementType == DType.STRING ? type.shape().size() <= bytes / 4 : type.bytes() == bytes;
    if (!fits) {
      throw ServingException.invalid(
          "%s with datatype %s and shape %s takes %s bytes but binary_data_size is %d"
              .formatted(
                  label(),
                  Datatypes.name(elementType),
                  type.shape(),
                  elementType == DType.STRING
                      ? "at least " + 4 * type.shape().size()
                      : type.bytes(),
                  bytes));
    }
    return type;
  }

  /** The input as messages call it. */
  String label() {
    return name == null ? what : "input '" + JsonInput.shortened(name) + "'";
  }

  /** The current value as JSON text, numbers exactly as they were written. */
  private byte[] copy(JsonParser source) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator out = exchange.generator(text)) {
      int depth = 0;
      do {
        JsonToken token = source.currentToken();
        switch (token) {
          case START_ARRAY -> {
            depth++;
            out.writeStartArray();
          }
          case END_ARRAY -> {
            depth--;
            out.writeEndArray();
          }
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(source.getText());
          case VALUE_STRING -> out.writeString(source.getText());
          case VALUE_TRUE, VALUE_FALSE -> out.writeBoolean(token == JsonToken.VALUE_TRUE);
          case null, default ->
              throw ServingException.invalid(
                  label() + ".data must hold elements but holds " + JsonInput.kind(token));
        }
        if (depth > 0) {
          source.nextToken();
        }
      } while (depth > 0);
    }
    return text.toByteArray();
  }
}
