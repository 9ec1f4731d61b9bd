package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.tokenizer.Truncation;
import io.lockstep.server.api.ElementWriter;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Texts to vectors. */
final class EmbeddingRoutes {

  private final EmbeddingService embeddings;

  EmbeddingRoutes(EmbeddingService embeddings) {
    this.embeddings = embeddings;
  }

  void embed(Exchange exchange) throws IOException, InterruptedException {
    EmbeddingBody body = EmbeddingBody.read(exchange);
    exchange.about(body.model());
    EmbeddingRequest request =
        new EmbeddingRequest(
            body.model(),
            null,
            body.inputs().inputs(),
            new EmbeddingRequest.Options(false, Truncation.Side.RIGHT, null, body.dimensions(), 0),
            exchange.deadline(Duration.ZERO),
            exchange.clock());
    exchange.clock().mark(Phase.PARSE);
    EmbeddingResponse response = exchange.await(embeddings.submit(request));
    exchange.sendJson(json -> write(json, response, body.base64()));
  }

  private static void write(JsonGenerator json, EmbeddingResponse response, boolean base64)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "list");
    json.writeArrayFieldStart("data");
    List<EmbeddingResponse.Row> rows = response.rows();
    for (int i = 0; i < rows.size(); i++) {
      json.writeStartObject();
      json.writeStringField("object", "embedding");
      json.writeNumberField("index", i);
      json.writeFieldName("embedding");
      if (base64) {
        json.writeString(base64(rows.get(i)));
      } else {
        writeFloats(json, rows.get(i));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("model", response.model());
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", response.tokens());
    json.writeNumberField("total_tokens", response.tokens());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeFloats(JsonGenerator json, EmbeddingResponse.Row row)
      throws IOException {
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.NULL);
    json.writeStartArray();
    for (int i = 0; i < row.dimensions(); i++) {
      elements.writeFloat(row.get(i));
    }
    json.writeEndArray();
  }

  private static String base64(EmbeddingResponse.Row row) {
    ByteBuffer bytes =
        ByteBuffer.allocate(row.dimensions() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < row.dimensions(); i++) {
      bytes.putFloat(row.get(i));
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
