package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server tells of the batches it ran and of its models. */
@Timeout(120)
final class ExplainIT {

  @TempDir private static Path folder;

  private static BuiltInServer server;

  @BeforeAll
  static void start() {
    BuiltInServer.copyModels(folder, "delivery-time");
    server = BuiltInServer.serving(folder);
    assertEquals(
        200,
        server
            .send(
                HttpRequest.newBuilder(server.uri("/v2/models/delivery-time/infer"))
                    .header("x-request-id", "order-66")
                    .POST(
                        BodyPublishers.ofString(
                            "{\"inputs\":[{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[2,8],"
                                + "\"data\":[5,3,1,18,4,0,0,2,1,1,0,11,2,0,0,1]}]}")),
                BodyHandlers.ofString())
            .statusCode());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void tellsOfABatchWhoWasInItAndWhyItRan() {
    JsonNode batches =
        BuiltInServer.json(server.get("/admin/batches?model=delivery-time&limit=1").body())
            .get("batches");
    assertEquals(1, batches.size());
    JsonNode batch = batches.get(0);
    assertEquals("delivery-time", batch.get("model").asText());
    assertEquals(2, batch.get("rows").asInt());
    assertEquals("idle", batch.get("close_reason").asText());
    assertTrue(batch.get("actual_ms").asDouble() > 0);
    assertTrue(batch.has("predicted_ms"));
    JsonNode member = batch.get("members").get(0);
    assertEquals("order-66", member.get("request_id").asText());
    assertEquals(2, member.get("rows").asInt());
    assertTrue(member.get("wait_ms").asDouble() >= 0);
    assertEquals(
        0,
        BuiltInServer.json(server.get("/admin/batches?model=none").body()).get("batches").size());
    assertEquals(400, server.get("/admin/batches?limit=many").statusCode());
  }

  @Test
  void tellsOfAModelWhatItTakesAndWhatItDid() {
    JsonNode model = BuiltInServer.json(server.get("/admin/models/delivery-time").body());
    JsonNode version = model.get("versions").get(0);
    assertEquals("ready", version.get("state").asText());
    assertEquals("features", version.get("inputs").get(0).get("name").asText());
    assertEquals("[-1,8]", version.get("inputs").get(0).get("shape").toString());
    assertEquals("same_shape", version.get("batching").get("mode").asText());
    assertEquals(2, version.get("since_loaded").get("rows").asInt());
    assertEquals(1, version.get("since_loaded").get("answered").asInt());
    assertTrue(version.get("plans").get("kept").asInt() > 0);
    assertTrue(version.get("memory_bytes").get("total").asLong() > 0);
    assertEquals(404, server.get("/admin/models/none").statusCode());
  }
}
