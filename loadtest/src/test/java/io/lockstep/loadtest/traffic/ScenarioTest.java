package io.lockstep.loadtest.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.loadtest.FakeServer;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;

class ScenarioTest {

  private static final String METADATA =
      """
      {"name": "m", "inputs": [
        {"name": "input_ids", "datatype": "INT64", "shape": [-1, -1]},
        {"name": "attention_mask", "datatype": "INT64", "shape": [-1, -1]},
        {"name": "weights", "datatype": "FP32", "shape": [-1, 3]}]}
      """;

  private final Scenario.Sizes sizes = new Scenario.Sizes(5, 2, 4, 16);

  @Test
  void tensorsFitTheInputsThatTheServerDescribes() throws IOException {
    JsonNode inputs = body(Scenario.TENSORS).path("inputs");

    assertEquals(3, inputs.size());
    assertEquals("[2,4]", inputs.path(0).path("shape").toString());
    assertEquals(8, inputs.path(0).path("data").size());
    assertEquals("[1,1,1,1,1,1,1,1]", inputs.path(1).path("data").toString());
    assertEquals("FP32", inputs.path(2).path("datatype").asText());
    assertEquals(6, inputs.path(2).path("data").size());
  }

  @Test
  void instancesHaveNoBatchAxis() throws IOException {
    JsonNode instances = body(Scenario.TFSERVING).path("instances");

    assertEquals(2, instances.size());
    assertEquals("[1,1,1,1]", instances.path(0).path("attention_mask").toString());
    assertTrue(instances.path(1).path("weights").path(2).isDouble());
  }

  @Test
  void questionsAskForStreams() throws IOException {
    JsonNode body = body(Scenario.CHAT);

    assertTrue(body.path("stream").asBoolean());
    assertEquals(16, body.path("max_tokens").asInt());
    assertEquals("user", body.path("messages").path(0).path("role").asText());
  }

  @Test
  void anotherNumberGivesAnotherBody() throws IOException {
    Traffic traffic = Scenario.EMBEDDINGS.of(URI.create("http://localhost:1"), "m", sizes);

    assertEquals(traffic.body(3), traffic.body(3));
    assertNotEquals(traffic.body(3), traffic.body(4));
  }

  @Test
  void saysWhatTheServerAnsweredWhenItHasNoSuchModel() throws IOException {
    try (FakeServer server = new FakeServer("/", FakeServer.answering(404, "no model m"))) {
      IOException error =
          assertThrows(IOException.class, () -> Scenario.TENSORS.of(server.url(), "m", sizes));
      assertTrue(error.getMessage().endsWith("/v2/models/m: status 404, no model m"));
    }
  }

  private JsonNode body(Scenario scenario) throws IOException {
    try (FakeServer server = new FakeServer("/v2/models/m", FakeServer.answering(200, METADATA))) {
      return new ObjectMapper().readTree(scenario.of(server.url(), "m", sizes).body(1));
    }
  }
}
