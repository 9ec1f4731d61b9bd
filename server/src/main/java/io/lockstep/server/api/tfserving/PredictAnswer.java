package io.lockstep.server.api.tfserving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.api.ElementWriter;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.List;

/** Writes the answer to a predict request, in the form in which the request came. */
final class PredictAnswer {

  /** Outputs with this ending hold bytes, not text. */
  private static final String BYTES_SUFFIX = "_bytes";

  private final List<NamedTensor> outputs;

  PredictAnswer(List<NamedTensor> outputs) {
    this.outputs = outputs;
  }

  /** {@code {"outputs": v}}, or {@code {"outputs": {name: v, ...}}} when there are several. */
  void writeColumns(JsonGenerator json) throws IOException {
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.BARE_WORD);
    json.writeStartObject();
    json.writeFieldName("outputs");
    if (outputs.size() == 1) {
      writeWhole(json, elements, outputs.getFirst());
    } else {
      json.writeStartObject();
      for (NamedTensor output : outputs) {
        json.writeFieldName(output.name());
        writeWhole(json, elements, output);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** {@code {"predictions": [v, ...]}}, each v an object when there are several outputs. */
  void writeRows(JsonGenerator json) throws IOException {
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.BARE_WORD);
    int rows = rows();
    json.writeStartObject();
    json.writeArrayFieldStart("predictions");
    for (int row = 0; row < rows; row++) {
      if (outputs.size() == 1) {
        writeRow(json, elements, outputs.getFirst(), row);
      } else {
        json.writeStartObject();
        for (NamedTensor output : outputs) {
          json.writeFieldName(output.name());
          writeRow(json, elements, output, row);
        }
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private int rows() {
    NamedTensor first = outputs.getFirst();
    for (NamedTensor output : outputs) {
      Tensor tensor = output.tensor();
      if (tensor.shape().rank() == 0
          || first.tensor().shape().rank() == 0
          || tensor.shape().extent(0) != first.tensor().shape().extent(0)) {
        throw ServingException.invalid(
            "output '%s' has shape %s and cannot be given row by row; send inputs, not instances"
                .formatted(output.name(), tensor.shape()));
      }
    }
    return first.tensor().shape().extent(0);
  }

  private static void writeWhole(JsonGenerator json, ElementWriter elements, NamedTensor output)
      throws IOException {
    write(json, elements, output, 0, 0, output.tensor().size());
  }

  private static void writeRow(
      JsonGenerator json, ElementWriter elements, NamedTensor output, int row) throws IOException {
    long rowSize = output.tensor().size() / output.tensor().shape().extent(0);
    write(json, elements, output, 1, row * rowSize, rowSize);
  }

  /**
   * Writes the {@code count} elements from {@code first} on that lie under one index of an axis.
   */
  private static void write(
      JsonGenerator json,
      ElementWriter elements,
      NamedTensor output,
      int axis,
      long first,
      long count)
      throws IOException {
    Tensor tensor = output.tensor();
    if (axis == tensor.shape().rank()) {
      writeElement(json, elements, output, first);
      return;
    }
    int extent = tensor.shape().extent(axis);
    json.writeStartArray();
    for (int i = 0; i < extent; i++) {
      write(json, elements, output, axis + 1, first + i * (count / extent), count / extent);
    }
    json.writeEndArray();
  }

  private static void writeElement(
      JsonGenerator json, ElementWriter elements, NamedTensor output, long index)
      throws IOException {
    if (output.tensor().dtype() == DType.STRING && output.name().endsWith(BYTES_SUFFIX)) {
      json.writeStartObject();
      json.writeStringField(
          Base64Text.KEY, Base64Text.encode(output.tensor().strings()[(int) index]));
      json.writeEndObject();
    } else {
      elements.write(output.tensor(), index);
    }
  }
}
