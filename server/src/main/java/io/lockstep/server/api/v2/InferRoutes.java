package io.lockstep.server.api.v2;

import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.TensorLimits;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Inference, with the tensors in JSON, behind it, or as the whole body. */
final class InferRoutes {

  /** Says how much of a body is JSON; binary tensors follow it. */
  static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  private final InferenceService inference;
  private final ModelCatalog catalog;

  InferRoutes(InferenceService inference, ModelCatalog catalog) {
    this.inference = inference;
    this.catalog = catalog;
  }

  void infer(Exchange exchange) throws IOException, InterruptedException {
    String model = exchange.path("model");
    @Nullable String version = exchange.optionalPath("version");
    exchange.about(model);
    TensorMemory memory = new TensorMemory();
    boolean submitted = false;
    try {
      InferBody body = readBody(exchange, memory, model, version);
      @Nullable SequenceControl sequence = body.parameters().sequence();
      checkOutputs(body, inference.describe(model, version, sequence), sequence != null);
      InferRequest request =
          InferRequest.builder(model, memory, exchange.clock())
              .version(version)
              .inputs(body.inputs())
              .outputs(body.outputNames())
              .priority(body.parameters().priority())
              .deadline(exchange.deadline(body.parameters().timeout()))
              .sequence(sequence)
              .build();
      exchange.clock().mark(Phase.PARSE);
      submitted = true;
      try (InferResponse response = exchange.await(inference.submit(request))) {
        new InferAnswer(body, response, labels(body, response)).send(exchange);
      }
    } finally {
      if (!submitted) {
        memory.close();
      }
    }
  }

  /** Refuses what could not be answered before it costs a run. */
  private static void checkOutputs(InferBody body, ModelDescription model, boolean isStep) {
    for (TensorSpec output : model.signature().outputs()) {
      boolean asked =
          body.outputNames().isEmpty()
              ? !isStep || !model.state().hasOutput(output.name())
              : body.outputNames().contains(output.name());
      if (asked && !body.wanted(output.name()).binary()) {
        Datatypes.requireJsonForm(output.name(), output.dtype());
      }
    }
  }

  private InferBody readBody(
      Exchange exchange, TensorMemory memory, String model, @Nullable String version)
      throws IOException {
    long jsonBytes = jsonBytes(exchange);
    return jsonBytes == 0
        ? readRaw(exchange, memory, catalog.describe(model, version))
        : InferBodyReader.read(exchange, memory, jsonBytes);
  }

  /** The value of the header, or -1 when there is none and all of the body is JSON. */
  private static long jsonBytes(Exchange exchange) {
    @Nullable String header = exchange.header(HEADER_LENGTH);
    if (header == null) {
      return -1;
    }
    if (!header.matches("[0-9]{1,10}")) {
      throw ServingException.invalid(
          HEADER_LENGTH + " must be a number of bytes but is '" + header + "'");
    }
    return Long.parseLong(header);
  }

  /** A body that is the one input's elements and nothing else; everything is answered binary. */
  private static InferBody readRaw(Exchange exchange, TensorMemory memory, ModelDescription model)
      throws IOException {
    List<TensorSpec> inputs = model.signature().inputs();
    if (inputs.size() != 1) {
      throw ServingException.invalid(
          "a raw request needs a model with one input but '%s' has %d"
              .formatted(model.name(), inputs.size()));
    }
    TensorSpec input = inputs.getFirst();
    byte[] body = exchange.body().readAllBytes();
    long[] extents = rawExtents(model, input, body.length);
    String what = "input '" + input.name() + "'";
    TensorType type = TensorLimits.check(what, input.dtype(), extents, exchange.limits());
    Tensor tensor = memory.allocate(type);
    if (input.dtype() == DType.STRING) {
      tensor.strings()[0] = body;
    } else if (type.bytes() == body.length) {
      BinaryTensors.read(new ByteArrayInputStream(body), tensor, body.length, what);
    } else {
      throw ServingException.invalid(
          "%s takes %d bytes for shape %s but the body has %d"
              .formatted(what, type.bytes(), type.shape(), body.length));
    }
    return new InferBody(
        null,
        Parameters.binaryOutputs(),
        List.of(new NamedTensor(input.name(), tensor)),
        List.of());
  }

  /** One row, and the axis that is left open as long as the bytes reach. */
  private static long[] rawExtents(ModelDescription model, TensorSpec input, int bodyBytes) {
    long[] extents = input.extents();
    int batchAxis = model.traits().inputs().getFirst().batchAxis();
    long rowBytes = Math.max(1, input.dtype().bytes());
    List<Integer> open = new ArrayList<>();
    for (int axis = 0; axis < extents.length; axis++) {
      if (axis == batchAxis && extents[axis] < 0) {
        extents[axis] = 1;
      } else if (extents[axis] < 0) {
        open.add(axis);
      } else {
        rowBytes *= extents[axis];
      }
    }
    if (open.size() > 1) {
      throw ServingException.invalid(
          "a raw request needs at most one variable axis but input '%s' has %d"
              .formatted(input.name(), open.size()));
    }
    for (int axis : open) {
      extents[axis] = input.dtype() == DType.STRING ? 1 : bodyBytes / Math.max(1, rowBytes);
    }
    return extents;
  }

  private List<String> labels(InferBody body, InferResponse response) {
    boolean classified = body.outputs().stream().anyMatch(output -> output.classes() > 0);
    return classified ? catalog.describe(response.model(), response.version()).labels() : List.of();
  }
}
