package io.lockstep.loadtest.overhead;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.lockstep.loadtest.traffic.InputSignature;
import io.lockstep.loadtest.traffic.TensorTraffic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

class BareServerTest {

  private final List<InputSignature> inputs =
      List.of(new InputSignature("x", "FP32", List.of(-1, IdentityModel.COLUMNS)));

  @Test
  void answersWithTheFloatsItGotOrWithAsManyOthers() throws Exception {
    Javalin server = BareServer.start(0);
    try {
      JsonNode echoed = answer(server, BareServer.JSON);
      JsonNode constant = answer(server, BareServer.CONSTANT);
      JsonNode sent =
          new ObjectMapper().readTree(new TensorTraffic("m", inputs, 1, 1).body(5)).path("inputs");

      assertEquals(sent.path(0).path("data"), echoed.path("data"));
      assertEquals(sent.path(0).path("shape"), echoed.path("shape"));
      assertEquals(IdentityModel.COLUMNS, constant.path("data").size());
    } finally {
      server.stop();
    }
  }

  private JsonNode answer(Javalin server, String path) throws Exception {
    TensorTraffic traffic = new TensorTraffic(path, inputs, 1, 1);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + server.port() + traffic.path()))
                  .POST(HttpRequest.BodyPublishers.ofString(traffic.body(5)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, response.statusCode());
      return new ObjectMapper().readTree(response.body()).path("outputs").path(0);
    }
  }
}
