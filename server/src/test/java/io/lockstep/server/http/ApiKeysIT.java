package io.lockstep.server.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.lockstep.server.api.TestServer;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that only those may use who have a key. */
final class ApiKeysIT {

  private static final String EMBED = "{\"model\":\"minilm\",\"input\":\"four\"}";

  @TempDir static Path folder;

  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    Path file = folder.resolve("keys");
    Files.writeString(file, "# who  key\n\nsearch sk-search-1\nreports sk-reports 3\n");
    server = TestServer.withKeys(file);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RequestSpecification with(String authorization) {
    return given().baseUri(server.url()).header("Authorization", authorization).body(EMBED);
  }

  @Test
  void aKnownKeyIsLetIn() {
    with("Bearer sk-search-1").post("/v1/embeddings").then().statusCode(200);
    with("bearer  sk-reports").post("/v1/embeddings").then().statusCode(200);
  }

  @Test
  void othersAreToldInTheWordsOfTheirProtocol() {
    given()
        .baseUri(server.url())
        .body(EMBED)
        .post("/v1/embeddings")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", "Bearer")
        .body("error.code", equalTo("invalid_api_key"))
        .body("error.type", equalTo("invalid_request_error"))
        .body(
            "error.message",
            equalTo("an API key is needed: send the header Authorization: Bearer KEY"));
    with("Bearer sk-search-2")
        .post("/v2/models/floats/infer")
        .then()
        .statusCode(401)
        .body("error", equalTo("the API key is not known"));
    with("Basic sk-search-1").post("/embed").then().statusCode(401);
    for (String path : new String[] {"/v2", "/v1/models", "/admin/batches", "/nowhere"}) {
      given().baseUri(server.url()).get(path).then().statusCode(401);
    }
    given().baseUri(server.url()).post("/v2/repository/index").then().statusCode(401);
    given()
        .baseUri(server.url())
        .get("/metrics")
        .then()
        .body(containsString("reason=\"unauthenticated\""));
  }

  @Test
  void probesMetricsAndTheConsoleNeedNone() {
    for (String path :
        new String[] {
          "/v2/health/live",
          "/v2/health/ready",
          "/v2/models/floats/ready",
          "/health",
          "/metrics",
          "/",
          "/openapi.json"
        }) {
      given().baseUri(server.url()).get(path).then().statusCode(200);
    }
  }
}
