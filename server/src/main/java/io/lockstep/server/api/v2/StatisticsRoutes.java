package io.lockstep.server.api.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ModelStatistics.Timing;
import java.io.IOException;
import java.util.List;

/** The statistics extension. */
final class StatisticsRoutes {

  private final ModelCatalog catalog;

  StatisticsRoutes(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  void all(Exchange exchange) throws IOException {
    send(exchange, catalog.statistics(null, null));
  }

  void ofModel(Exchange exchange) throws IOException {
    send(exchange, catalog.statistics(exchange.path("model"), exchange.optionalPath("version")));
  }

  private static void send(Exchange exchange, List<ModelStatistics> models) throws IOException {
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("model_stats");
      for (ModelStatistics model : models) {
        write(json, model);
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, ModelStatistics model) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", model.name());
    json.writeStringField("version", model.version());
    json.writeNumberField("last_inference", model.lastInferenceMillis());
    json.writeNumberField("inference_count", model.inferenceCount());
    json.writeNumberField("execution_count", model.executionCount());
    json.writeObjectFieldStart("inference_stats");
    write(json, "success", model.success());
    write(json, "fail", model.fail());
    write(json, "queue", model.queue());
    write(json, "compute_input", model.computeInput());
    write(json, "compute_infer", model.computeInfer());
    write(json, "compute_output", model.computeOutput());
    // There is no response cache; tools that read these expect the keys.
    write(json, "cache_hit", Timing.ZERO);
    write(json, "cache_miss", Timing.ZERO);
    json.writeEndObject();
    json.writeObjectFieldStart("response_stats");
    json.writeEndObject();
    json.writeArrayFieldStart("batch_stats");
    for (ModelStatistics.BatchTiming batch : model.batches()) {
      json.writeStartObject();
      json.writeNumberField("batch_size", batch.batchSize());
      write(json, "compute_input", batch.computeInput());
      write(json, "compute_infer", batch.computeInfer());
      write(json, "compute_output", batch.computeOutput());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("memory_usage");
    writeMemory(json, "CPU_WEIGHTS", model.memory().weights());
    writeMemory(json, "CPU_MAPPED", model.memory().mapped());
    writeMemory(json, "CPU_ACTIVATIONS", model.memory().activations());
    writeMemory(json, "CPU_SEQUENCES", model.memory().sequences());
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String key, Timing timing) throws IOException {
    json.writeObjectFieldStart(key);
    json.writeNumberField("count", timing.count());
    json.writeNumberField("ns", timing.nanos());
    json.writeEndObject();
  }

  private static void writeMemory(JsonGenerator json, String type, long bytes) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type);
    json.writeNumberField("id", 0);
    json.writeNumberField("byte_size", bytes);
    json.writeEndObject();
  }
}
