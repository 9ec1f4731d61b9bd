package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests that are small on the wire and meant to cost much more, or to slip through. */
final class RequestLimitsIT {

  private static final String INPUT =
      "{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void refusesALongListOfOutputsBeforeItsNamesAreCompared() {
    String outputs =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "{\"name\":\"o" + i + "\"}")
            .collect(Collectors.joining(","));
    String body = "{\"outputs\":[" + outputs + "],\"inputs\":[" + INPUT + "]}";
    assertTimeout(
        ofSeconds(10),
        () -> infer(body).statusCode(400).body("error", containsString("outputs has more than")));
  }

  @Test
  void hearsARefusedClientOutSoThatItsConnectionServesOn() throws IOException {
    byte[] refusedAtOnce = ("[" + " ".repeat(8 << 20) + "]").getBytes(StandardCharsets.UTF_8);
    byte[] good = ("{\"inputs\":[" + INPUT + "]}").getBytes(StandardCharsets.UTF_8);
    try (RawClient client = new RawClient(server.port())) {
      client.post("/v2/models/floats/infer", "", refusedAtOnce);
      assertTrue(client.answer().startsWith("HTTP/1.1 400 "));
      client.post("/v2/models/floats/infer", "", good);
      assertTrue(client.answer().startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void refusesALongListOfInputs() {
    String body = "{\"inputs\":[" + (INPUT + ",").repeat(2000) + INPUT + "]}";
    infer(body).statusCode(400).body("error", containsString("inputs has more than"));
  }

  @Test
  void refusesAShapeOfTooManyAxesWhileReadingIt() {
    infer("{\"inputs\":[" + INPUT.replace("[1,3]", "[" + "1,".repeat(100_000) + "3]") + "]}")
        .statusCode(400)
        .body("error", equalTo("input 'x' has more than 32 axes, which is the most allowed"));
  }

  @Test
  void refusesARowOfTooManyTokens() {
    given()
        .baseUri(server.url())
        .body("{\"model\":\"any\",\"input\":[" + "1,".repeat(300_000) + "1]}")
        .post("/v1/embeddings")
        .then()
        .statusCode(400)
        .body("error.message", containsString("token ids"));
  }

  @Test
  void refusesBytesThatAreNotUtf8InsteadOfReplacingThem() {
    byte[] body =
        "{\"inputs\":[{\"name\":\"b\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\u00ff\"]}]}"
            .getBytes(StandardCharsets.ISO_8859_1);
    given()
        .baseUri(server.url())
        .body(body)
        .post("/v2/models/two/infer")
        .then()
        .statusCode(400)
        .body("error", containsString("UTF-8"));
  }

  @Test
  void doesNotNameItsOwnSettingsInMessages() {
    infer("{\"inputs\":[" + INPUT.replace("[1,2,3]", "[NaN,2,3]") + "]}")
        .statusCode(400)
        .body("error", allOf(containsString("'NaN'"), not(containsString("Feature"))));
    infer("{\"inputs\":[" + INPUT.replace("[1,2,3]", "[" + "9".repeat(5000) + ",2,3]") + "]}")
        .statusCode(400)
        .body("error", allOf(containsString("1000"), not(containsString("Constraints"))));
  }

  private static ValidatableResponse infer(String body) {
    return given().baseUri(server.url()).body(body).post("/v2/models/floats/infer").then();
  }
}
