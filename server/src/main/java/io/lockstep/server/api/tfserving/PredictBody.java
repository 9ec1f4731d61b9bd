package io.lockstep.server.api.tfserving;

import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.server.api.ApiLimits;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a predict request says.
 *
 * @param byRow whether it came, and is answered, row by row
 */
record PredictBody(List<NamedTensor> inputs, boolean byRow) {

  static final String SIGNATURE = "serving_default";

  PredictBody {
    inputs = List.copyOf(inputs);
  }

  static PredictBody read(Exchange exchange, ModelSignature signature) throws IOException {
    @Nullable PredictBody body = null;
    try (JsonInput json = exchange.json(true)) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "signature_name" -> checkSignature(json.string(key));
          case "instances", "inputs" -> {
            if (body != null) {
              throw ServingException.invalid("a request has either instances or inputs, not both");
            }
            Reader reader = new Reader(json, signature, exchange.limits());
            body = key.equals("inputs") ? reader.readColumns() : reader.readRows();
          }
          default -> json.skip();
        }
      }
      json.end();
    }
    if (body == null) {
      throw ServingException.invalid("the request has neither instances nor inputs");
    }
    return body;
  }

  private static void checkSignature(String name) {
    if (!name.isEmpty() && !name.equals(SIGNATURE)) {
      throw ServingException.invalid(
          "signature_name must be %s but is '%s'".formatted(SIGNATURE, JsonInput.shortened(name)));
    }
  }

  /** Reads the tensors of one request. */
  private static final class Reader {

    private final JsonInput json;
    private final ModelSignature signature;
    private final ApiLimits limits;
    private final Map<String, InputCollector> collectors = new LinkedHashMap<>();

    Reader(JsonInput json, ModelSignature signature, ApiLimits limits) {
      this.json = json;
      this.signature = signature;
      this.limits = limits;
    }

    /** {@code v} for the only input, or {@code {name: v, ...}}. */
    PredictBody readColumns() throws IOException {
      if (!json.isObject()) {
        only().readColumn(json);
      } else {
        for (String key = json.nextKey(); key != null; key = json.nextKey()) {
          if (key.equals(Base64Text.KEY)) {
            throw ServingException.invalid("inputs must be an array or an object of arrays");
          }
          collector(key).readColumn(json);
        }
      }
      return new PredictBody(
          collectors.values().stream().map(InputCollector::result).toList(), false);
    }

    /** {@code [v, ...]} for the only input, or {@code [{name: v, ...}, ...]}. */
    PredictBody readRows() throws IOException {
      json.array("instances");
      int rows = 0;
      while (json.nextElement()) {
        readRow(rows++);
        for (Map.Entry<String, InputCollector> input : collectors.entrySet()) {
          if (input.getValue().rows() != rows) {
            throw ServingException.invalid(
                "every element of instances must have the same inputs, but '%s' is not in all"
                    .formatted(input.getKey()));
          }
        }
      }
      if (rows == 0) {
        throw ServingException.invalid("instances must not be empty");
      }
      return new PredictBody(
          collectors.values().stream().map(InputCollector::ofRows).toList(), true);
    }

    private void readRow(int row) throws IOException {
      if (!json.isObject()) {
        only().readRow(json);
        return;
      }
      if (json.parser().nextToken() == JsonToken.FIELD_NAME
          && json.parser().currentName().equals(Base64Text.KEY)) {
        readBareBase64();
        return;
      }
      for (; json.parser().currentToken() == JsonToken.FIELD_NAME; json.parser().nextToken()) {
        String key = json.parser().currentName();
        json.parser().nextToken();
        InputCollector collector = collector(key);
        if (collector.rows() != row) {
          throw ServingException.invalid(
              "every element of instances must have the same inputs, but '%s' is not in all"
                  .formatted(JsonInput.shortened(key)));
        }
        collector.readRow(json);
      }
    }

    /** A row of the only input that is one text in base64; its key is current. */
    private void readBareBase64() throws IOException {
      InputCollector collector = only();
      json.parser().nextToken();
      collector.readTextRow(json.string("b64"));
      if (json.parser().nextToken() != JsonToken.END_OBJECT) {
        throw ServingException.invalid("instances holds an object with keys beside b64");
      }
    }

    private InputCollector only() {
      List<TensorSpec> inputs = signature.inputs();
      if (inputs.size() != 1) {
        throw ServingException.invalid(
            "the model has %d inputs, so each value needs a name: %s"
                .formatted(
                    inputs.size(),
                    String.join(", ", inputs.stream().map(TensorSpec::name).toList())));
      }
      return collector(inputs.getFirst().name());
    }

    private InputCollector collector(String name) {
      int index = signature.inputIndex(name);
      if (index < 0) {
        throw ServingException.invalid(
            "the model has no input '%s'; it has %s"
                .formatted(
                    JsonInput.shortened(name),
                    String.join(", ", signature.inputs().stream().map(TensorSpec::name).toList())));
      }
      return collectors.computeIfAbsent(
          name, _ -> new InputCollector(signature.inputs().get(index), limits));
    }
  }
}
