package io.lockstep.server.api.v2;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of an inference request, and the tensors behind it when there are some. */
final class InferBodyReader {

  /** Inputs, and outputs, of one request; models have far fewer. */
  private static final int MAX_TENSORS = 1024;

  private final Exchange exchange;
  private final TensorMemory memory;
  private final long jsonBytes;

  private @Nullable String id;
  private Parameters parameters = new Parameters();
  private final List<InputReader> inputs = new ArrayList<>();
  private final List<RequestedOutput> outputs = new ArrayList<>();
  private boolean hasInputs;

  private InferBodyReader(Exchange exchange, TensorMemory memory, long jsonBytes) {
    this.exchange = exchange;
    this.memory = memory;
    this.jsonBytes = jsonBytes;
  }

  /**
   * Reads a body.
   *
   * @param jsonBytes of the body that are JSON, or -1 for all of it
   */
  static InferBody read(Exchange exchange, TensorMemory memory, long jsonBytes) throws IOException {
    if (jsonBytes < 0) {
      InferBodyReader reader = new InferBodyReader(exchange, memory, exchange.bodyLength());
      reader.readJson(exchange.json());
      return reader.finish(InputStream.nullInputStream(), false);
    }
    InputStream body = exchange.body();
    InferBodyReader reader = new InferBodyReader(exchange, memory, jsonBytes);
    HeadStream head = new HeadStream(body, jsonBytes);
    reader.readJson(exchange.json(head, false));
    head.requireEnd();
    return reader.finish(body, true);
  }

  private void readJson(JsonInput source) throws IOException {
    try (JsonInput json = source) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "id" -> id = json.isNull() ? null : json.string("id");
          case "parameters" -> parameters = Parameters.read(json, "parameters");
          case "inputs" -> readInputs(json);
          case "outputs" -> readOutputs(json);
          default -> json.skip();
        }
      }
      json.end();
    }
    if (!hasInputs) {
      throw ServingException.invalid("the request has no inputs");
    }
  }

  private void readInputs(JsonInput json) throws IOException {
    hasInputs = true;
    json.array("inputs");
    while (json.nextElement()) {
      requireRoom(inputs, "inputs");
      InputReader input =
          new InputReader(exchange, memory, jsonBytes, "inputs[" + inputs.size() + "]");
      input.read(json);
      inputs.add(input);
    }
  }

  private void readOutputs(JsonInput json) throws IOException {
    if (json.isNull()) {
      return;
    }
    json.array("outputs");
    while (json.nextElement()) {
      requireRoom(outputs, "outputs");
      readOutput(json, "outputs[" + outputs.size() + "]");
    }
  }

  /** Names are compared one by one later, so that their number must be small. */
  private static void requireRoom(List<?> tensors, String what) {
    if (tensors.size() == MAX_TENSORS) {
      throw ServingException.invalid(
          what + " has more than " + MAX_TENSORS + " elements, which is the most allowed");
    }
  }

  private void readOutput(JsonInput json, String what) throws IOException {
    json.object(what);
    String name = null;
    Parameters own = new Parameters();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "name" -> name = json.string(what + ".name");
        case "parameters" -> own = Parameters.read(json, what + ".parameters");
        default -> json.skip();
      }
    }
    if (name == null) {
      throw ServingException.invalid(what + " has no name");
    }
    Boolean binary = own.binaryData();
    outputs.add(
        new RequestedOutput(
            name,
            // The parameters of the request may follow its outputs; finish() looks at them.
            binary != null && binary,
            own.classification(),
            binary != null));
  }

  private InferBody finish(InputStream body, boolean hasBinaryPart) throws IOException {
    checkLength(hasBinaryPart);
    List<NamedTensor> tensors = new ArrayList<>(inputs.size());
    for (InputReader input : inputs) {
      input.receive(body);
      tensors.add(input.result());
    }
    if (hasBinaryPart && body.read() >= 0) {
      throw ServingException.invalid("the body goes on after the last binary input");
    }
    outputs.replaceAll(output -> output.orDefault(parameters.binaryDataOutput()));
    return new InferBody(id, parameters, tensors, List.copyOf(outputs));
  }

  /** Compares the sizes announced with that of the body, before memory is taken for them. */
  private void checkLength(boolean hasBinaryPart) {
    long announced = Math.max(0, jsonBytes);
    for (InputReader input : inputs) {
      if (input.binaryBytes() >= 0 && !hasBinaryPart) {
        throw ServingException.invalid(
            "%s has binary_data_size but the request has no header %s"
                .formatted(input.label(), InferRoutes.HEADER_LENGTH));
      }
      announced += Math.max(0, input.binaryBytes());
    }
    long length = exchange.bodyLength();
    if (hasBinaryPart && length >= 0 && length != announced) {
      throw ServingException.invalid(
          "the JSON and the binary inputs take %d bytes but the body has %d"
              .formatted(announced, length));
    }
  }
}
