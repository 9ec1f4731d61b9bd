package io.lockstep.server.api.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.BatchHistory;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.BatchRecord;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last batches: who was in them, how long each waited, why they ran when they did. */
final class BatchRoutes {

  private static final int DEFAULT_LIMIT = 100;

  private final BatchHistory history;

  BatchRoutes(BatchHistory history) {
    this.history = history;
  }

  /** {@code ?model=} for one model, {@code ?limit=} for more or fewer. */
  void latest(Exchange exchange) throws IOException {
    @Nullable String limit = exchange.query("limit");
    if (limit != null && !limit.matches("[0-9]{1,6}")) {
      throw ServingException.invalid("limit must be a whole number but is '" + limit + "'");
    }
    int most = limit == null ? DEFAULT_LIMIT : Integer.parseInt(limit);
    List<BatchRecord> batches = history.latest(exchange.query("model"), most);
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("batches");
      for (BatchRecord batch : batches) {
        write(json, batch);
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, BatchRecord batch) throws IOException {
    BatchInfo info = batch.batch();
    json.writeStartObject();
    json.writeStringField("model", batch.model());
    json.writeStringField("version", batch.version());
    json.writeStringField("started_at", Instant.ofEpochMilli(batch.startedAtMillis()).toString());
    json.writeNumberField("rows", info.rows());
    json.writeNumberField("requests", info.requests());
    json.writeNumberField("padded_length", info.paddedLength());
    json.writeStringField("close_reason", info.reason().label());
    json.writeFieldName("predicted_ms");
    if (batch.predictedNanos() == 0) {
      json.writeNull();
    } else {
      json.writeNumber(batch.predictedNanos() / 1e6);
    }
    json.writeNumberField("actual_ms", batch.actualNanos() / 1e6);
    json.writeArrayFieldStart("members");
    for (BatchRecord.Member member : batch.members()) {
      json.writeStartObject();
      json.writeStringField("request_id", member.requestId());
      json.writeNumberField("rows", member.rows());
      json.writeNumberField("priority", member.priority());
      json.writeNumberField("wait_ms", member.waitNanos() / 1e6);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
