package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.StateTraits;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the server says about its models. */
final class ModelRoutes {

  private final ModelCatalog catalog;

  ModelRoutes(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  void list(Exchange exchange) throws IOException {
    List<String> names = catalog.index().stream().map(ModelStatus::name).distinct().toList();
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("models");
      for (String name : names) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  void ready(Exchange exchange) throws IOException {
    String model = exchange.path("model");
    boolean ready = isReady(model, exchange.optionalPath("version"));
    exchange.sendJson(
        ready ? 200 : 503,
        json -> {
          json.writeStartObject();
          json.writeStringField("name", model);
          json.writeBooleanField("ready", ready);
          json.writeEndObject();
        });
  }

  void metadata(Exchange exchange) throws IOException {
    ModelDescription model = describe(exchange);
    List<String> versions =
        catalog.versions(model.name()).stream()
            .filter(ModelStatus::isReady)
            .map(ModelStatus::version)
            .toList();
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("name", model.name());
      json.writeArrayFieldStart("versions");
      for (String version : versions) {
        json.writeString(version);
      }
      json.writeEndArray();
      json.writeStringField("platform", model.platform());
      writeTensors(json, "inputs", model.signature().inputs());
      writeTensors(json, "outputs", model.signature().outputs());
      json.writeEndObject();
    });
  }

  /** The model's configuration in the form of Triton's model configuration extension. */
  void configuration(Exchange exchange) throws IOException {
    ModelDescription model = describe(exchange);
    BatchTraits traits = model.traits();
    boolean batches = traits.mode() != BatchTraits.Mode.NONE;
    BatchSettings batching = model.batching();
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("name", model.name());
      json.writeStringField("platform", model.platform());
      json.writeStringField("backend", "lockstep");
      json.writeNumberField("max_batch_size", batches ? batching.maxBatchSize() : 0);
      writeConfigured(
          json, "input", model.signature().inputs(), batches ? traits.inputs() : List.of());
      writeConfigured(
          json, "output", model.signature().outputs(), batches ? traits.outputs() : List.of());
      json.writeArrayFieldStart("instance_group");
      json.writeStartObject();
      json.writeStringField("kind", "KIND_CPU");
      json.writeNumberField("count", batching.instances());
      json.writeEndObject();
      json.writeEndArray();
      if (batches) {
        writeBatching(json, batching);
      }
      if (!model.state().tensors().isEmpty()) {
        writeSequences(json, model.state());
      }
      json.writeEndObject();
    });
  }

  private boolean isReady(String model, @Nullable String version) {
    try {
      catalog.describe(model, version);
      return true;
    } catch (ServingException failure) {
      if (failure.code() == ErrorCode.MODEL_NOT_READY) {
        return false;
      }
      throw failure;
    }
  }

  private ModelDescription describe(Exchange exchange) {
    return catalog.describe(exchange.path("model"), exchange.optionalPath("version"));
  }

  private static void writeTensors(JsonGenerator json, String key, List<TensorSpec> specs)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (TensorSpec spec : specs) {
      json.writeStartObject();
      json.writeStringField("name", spec.name());
      json.writeStringField("datatype", Datatypes.name(spec.dtype()));
      json.writeFieldName("shape");
      json.writeArray(spec.extents(), 0, spec.extents().length);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Extents without the batch axis, as configurations with a max_batch_size have them. */
  private static void writeConfigured(
      JsonGenerator json, String key, List<TensorSpec> specs, List<BatchTraits.Axes> axes)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      int batchAxis = i < axes.size() ? axes.get(i).batchAxis() : -1;
      long[] extents = spec.extents();
      long[] row =
          batchAxis < 0
              ? extents
              : IntStream.range(0, extents.length)
                  .filter(axis -> axis != batchAxis)
                  .mapToLong(axis -> extents[axis])
                  .toArray();
      json.writeStartObject();
      json.writeStringField("name", spec.name());
      json.writeStringField("data_type", Datatypes.configName(spec.dtype()));
      json.writeFieldName("dims");
      json.writeArray(row, 0, row.length);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeSequences(JsonGenerator json, StateTraits state) throws IOException {
    json.writeObjectFieldStart("sequence_batching");
    json.writeNumberField(
        "max_sequence_idle_microseconds",
        state.idleTimeout().dividedBy(ChronoUnit.MICROS.getDuration()));
    json.writeObjectFieldStart("oldest");
    json.writeNumberField("max_candidate_sequences", state.maxSequences());
    json.writeEndObject();
    json.writeArrayFieldStart("state");
    for (StateTraits.Pair pair : state.tensors()) {
      json.writeStartObject();
      json.writeStringField("input_name", pair.input());
      json.writeStringField("output_name", pair.output());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeBatching(JsonGenerator json, BatchSettings batching) throws IOException {
    json.writeObjectFieldStart("dynamic_batching");
    json.writeNumberField(
        "max_queue_delay_microseconds",
        batching.maxQueueDelay().dividedBy(ChronoUnit.MICROS.getDuration()));
    json.writeObjectFieldStart("default_queue_policy");
    json.writeNumberField("max_queue_size", batching.maxQueueSize());
    json.writeEndObject();
    json.writeEndObject();
  }
}
