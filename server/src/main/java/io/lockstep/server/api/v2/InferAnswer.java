package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.api.ElementWriter;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.NamedTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Writes the answer to an inference request. */
final class InferAnswer {

  private static final String BINARY = "application/octet-stream";

  private final InferBody request;
  private final InferResponse response;
  private final List<NamedTensor> outputs = new ArrayList<>();
  private final List<Tensor> behindJson = new ArrayList<>();

  /**
   * An answer.
   *
   * @param labels of the model's classes, for outputs that are wanted as such
   */
  InferAnswer(InferBody request, InferResponse response, List<String> labels) {
    this.request = request;
    this.response = response;
    for (NamedTensor output : response.outputs()) {
      int classes = request.wanted(output.name()).classes();
      outputs.add(
          classes == 0
              ? output
              : new NamedTensor(
                  output.name(),
                  Classification.of(output.name(), output.tensor(), classes, labels)));
    }
  }

  void send(Exchange exchange) throws IOException {
    if (!anyBinary()) {
      exchange.sendJson(this::writeJson);
      return;
    }
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    try (JsonGenerator json = exchange.generator(head)) {
      writeJson(json);
    }
    exchange.answerHeader(InferRoutes.HEADER_LENGTH, Integer.toString(head.size()));
    exchange.send(
        200,
        BINARY,
        out -> {
          head.writeTo(out);
          for (Tensor tensor : behindJson) {
            BinaryTensors.write(tensor, out);
          }
        });
  }

  private boolean anyBinary() {
    for (NamedTensor output : outputs) {
      if (request.wanted(output.name()).binary()) {
        return true;
      }
    }
    return false;
  }

  private void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", response.model());
    json.writeStringField("model_version", response.version());
    if (request.id() != null) {
      json.writeStringField("id", request.id());
    }
    json.writeArrayFieldStart("outputs");
    for (NamedTensor output : outputs) {
      writeOutput(json, output);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeOutput(JsonGenerator json, NamedTensor output) throws IOException {
    Tensor tensor = output.tensor();
    json.writeStartObject();
    json.writeStringField("name", output.name());
    json.writeStringField("datatype", Datatypes.name(tensor.dtype()));
    json.writeFieldName("shape");
    json.writeArray(tensor.shape().toLongArray(), 0, tensor.shape().rank());
    if (request.wanted(output.name()).binary()) {
      behindJson.add(tensor);
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", BinaryTensors.size(tensor));
      json.writeEndObject();
    } else {
      writeData(json, output);
    }
    json.writeEndObject();
  }

  private static void writeData(JsonGenerator json, NamedTensor output) throws IOException {
    Tensor tensor = output.tensor();
    Datatypes.requireJsonForm(output.name(), tensor.dtype());
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.NULL);
    json.writeArrayFieldStart("data");
    elements.write(tensor, 0, tensor.size());
    json.writeEndArray();
    if (elements.nonFinite() > 0) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("non_finite_as_null", elements.nonFinite());
      json.writeEndObject();
    }
  }
}
