package io.lockstep.server.api.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ModelStatistics.Timing;
import io.lockstep.server.serving.ModelStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Everything that is known of a model: what its versions take, how they batch, what they did. */
final class ModelRoutes {

  private final ModelCatalog catalog;

  ModelRoutes(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  /** A ready version. */
  private record Ready(ModelDescription description, ModelStatistics statistics) {}

  void explain(Exchange exchange) throws IOException {
    String model = exchange.path("model");
    List<ModelStatus> versions = catalog.versions(model);
    List<Ready> ready = new ArrayList<>();
    for (ModelStatus status : versions) {
      if (status.isReady()) {
        ready.add(
            new Ready(
                catalog.describe(model, status.version()),
                catalog.statistics(model, status.version()).getFirst()));
      }
    }
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("name", model);
      json.writeArrayFieldStart("versions");
      for (ModelStatus status : versions) {
        json.writeStartObject();
        json.writeStringField("version", status.version());
        json.writeStringField("state", status.state().name().toLowerCase(Locale.ROOT));
        json.writeStringField("reason", status.reason());
        for (Ready version : ready) {
          if (version.description().version().equals(status.version())) {
            write(json, version.description());
            write(json, version.statistics());
          }
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, ModelDescription model) throws IOException {
    json.writeStringField("platform", model.platform());
    json.writeStringField("description", model.description());
    json.writeStringField("task", model.task().name().toLowerCase(Locale.ROOT));
    json.writeStringField("loaded_at", Instant.ofEpochMilli(model.loadedAtMillis()).toString());
    json.writeNumberField("parameters", model.parameters());
    write(json, "inputs", model.signature().inputs());
    write(json, "outputs", model.signature().outputs());
    json.writeObjectFieldStart("batching");
    json.writeStringField("mode", model.traits().mode().name().toLowerCase(Locale.ROOT));
    json.writeStringField("because", model.traits().reason());
    json.writeNumberField("max_batch_size", model.batching().maxBatchSize());
    json.writeNumberField("max_queue_delay_ms", model.batching().maxQueueDelay().toNanos() / 1e6);
    json.writeNumberField("max_queue_size", model.batching().maxQueueSize());
    json.writeNumberField("instances", model.batching().instances());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String key, List<TensorSpec> tensors)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (TensorSpec tensor : tensors) {
      json.writeStartObject();
      json.writeStringField("name", tensor.name());
      json.writeStringField("datatype", tensor.dtype().name());
      json.writeFieldName("shape");
      json.writeArray(tensor.extents(), 0, tensor.dimensions().size());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, ModelStatistics did) throws IOException {
    ModelStatistics.Now now = did.now();
    json.writeObjectFieldStart("queue");
    json.writeNumberField("rows", now.queuedRows());
    json.writeNumberField("requests", now.queuedRequests());
    json.writeNumberField("predicted_run_ms", now.expectedRunNanos() / 1e6);
    json.writeEndObject();
    json.writeObjectFieldStart("plans");
    json.writeNumberField("kept", now.plans());
    json.writeNumberField("hits", now.planHits());
    json.writeNumberField("misses", now.planMisses());
    json.writeEndObject();
    json.writeObjectFieldStart("memory_bytes");
    json.writeNumberField("weights", did.memory().weights());
    json.writeNumberField("mapped", did.memory().mapped());
    json.writeNumberField("activations", did.memory().activations());
    json.writeNumberField("sequences", did.memory().sequences());
    json.writeNumberField("total", did.memory().total());
    json.writeEndObject();
    json.writeObjectFieldStart("since_loaded");
    json.writeNumberField("rows", did.inferenceCount());
    json.writeNumberField("runs", did.executionCount());
    json.writeNumberField("answered", did.success().count());
    json.writeNumberField("failed", did.fail().count());
    writeMean(json, "mean_request_ms", did.success());
    writeMean(json, "mean_queue_ms", did.queue());
    writeMean(json, "mean_infer_ms", did.computeInfer());
    json.writeEndObject();
  }

  private static void writeMean(JsonGenerator json, String key, Timing timing) throws IOException {
    json.writeNumberField(key, timing.count() == 0 ? 0 : timing.nanos() / 1e6 / timing.count());
  }
}
