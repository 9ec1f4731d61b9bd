package io.lockstep.server.api.tei;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.Readiness;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TextSettings;
import java.io.IOException;

/** What the server says about itself and its embedding model. */
final class InfoRoutes {

  private final ModelChoice models;
  private final Readiness readiness;
  private final String version;

  InfoRoutes(ModelChoice models, Readiness readiness, String version) {
    this.models = models;
    this.readiness = readiness;
    this.version = version;
  }

  void health(Exchange exchange) throws IOException {
    if (!readiness.isReady()) {
      throw new ServingException(ErrorCode.MODEL_NOT_READY, "unhealthy");
    }
    exchange.sendEmpty(200);
  }

  void info(Exchange exchange) throws IOException {
    ModelDescription model = models.of(exchange);
    TextSettings text = models.textOf(exchange);
    int maxBatchSize = model.batching().maxBatchSize();
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("model_id", model.name());
      json.writeStringField("model_sha", model.version());
      json.writeStringField("model_dtype", "float32");
      json.writeObjectFieldStart("model_type");
      json.writeObjectFieldStart("embedding");
      json.writeStringField("pooling", text.pooling().label());
      json.writeEndObject();
      json.writeEndObject();
      json.writeNumberField("max_concurrent_requests", model.batching().maxQueueSize());
      json.writeNumberField("max_input_length", text.maxLength());
      json.writeNumberField("max_batch_tokens", (long) maxBatchSize * text.maxLength());
      json.writeNumberField("max_batch_requests", maxBatchSize);
      json.writeNumberField("max_client_batch_size", exchange.limits().maxTexts());
      json.writeBooleanField("auto_truncate", false);
      json.writeNumberField("tokenization_workers", model.batching().instances());
      json.writeStringField("version", version);
      json.writeEndObject();
    });
  }
}
