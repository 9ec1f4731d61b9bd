package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The routes of Text Embeddings Inference, request by request. */
final class TeiIT {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse post(String path, String body) {
    return given()
        .baseUri(server.url())
        .contentType("application/json; charset=utf-8")
        .body(body)
        .post(path)
        .then();
  }

  @Test
  void embedsTexts() {
    post("/embed", "{\"inputs\":[\"four\",\"a\"]}")
        .statusCode(200)
        .header("x-compute-type", "cpu")
        .header("x-compute-characters", "5")
        .header("x-compute-tokens", "5")
        .header("x-inference-time", matchesPattern("[0-9]+"))
        .body(equalTo("[[4.0,0.5,-1.0,0.33333334],[1.0,0.5,-1.0,0.33333334]]"));
    post("/models/minilm/embed", "{\"inputs\":\"four\",\"dimensions\":2,\"normalize\":false}")
        .statusCode(200)
        .body(equalTo("[[4.0,0.5]]"));
    post("/embed", "{\"inputs\":[[2,4,3]]}").statusCode(200).body(equalTo("[[3.0,9.0,0.0,0.0]]"));
  }

  @Test
  void comparesSentences() {
    post(
            "/similarity",
            "{\"inputs\":{\"source_sentence\":\"four\",\"sentences\":[\"five\",\"a\"]}}")
        .statusCode(200)
        .body("[0]", equalTo(1.0f));
  }

  @Test
  void showsTokensAndTheirPlaceInCharacters() {
    post("/tokenize", "{\"inputs\":\"\uD83C\uDFB8 Playing\"}")
        .statusCode(200)
        .body(
            equalTo(
                "[[{\"id\":2,\"text\":\"[CLS]\",\"special\":true,\"start\":null,\"stop\":null},"
                    + "{\"id\":1,\"text\":\"\\uD83C\\uDFB8\",\"special\":false,\"start\":0,\"stop\":1},"
                    + "{\"id\":4,\"text\":\"Play\",\"special\":false,\"start\":2,\"stop\":6},"
                    + "{\"id\":5,\"text\":\"ing\",\"special\":false,\"start\":6,\"stop\":9},"
                    + "{\"id\":3,\"text\":\"[SEP]\",\"special\":true,\"start\":null,\"stop\":null}]]"));
    post("/decode", "{\"ids\":[[2,4,5,3],[6]]}")
        .statusCode(200)
        .body(equalTo("[\"playing\",\"the\"]"));
    post("/decode", "{\"ids\":[99]}").statusCode(422).body("error", containsString("99"));
  }

  @Test
  void tellsAboutItsModel() {
    given()
        .baseUri(server.url())
        .get("/info")
        .then()
        .statusCode(200)
        .body("model_id", equalTo("minilm"))
        .body("model_type.embedding.pooling", equalTo("mean"))
        .body("max_input_length", equalTo(16));
    given().baseUri(server.url()).get("/health").then().statusCode(200);
  }

  @Test
  void failsInItsOwnWords() {
    post("/embed", "{\"inputs\":[]}")
        .statusCode(422)
        .body("error", equalTo("inputs must not be empty"))
        .body("error_type", equalTo("Validation"));
    post("/embed", "{}").statusCode(422);
    post("/embed", "{\"inputs\":[1,\"a\"]}").statusCode(422);
    post("/embed", "{\"inputs\":\"a\",\"truncation_direction\":\"up\"}").statusCode(422);
    post("/embed", "{\"inputs\":\"a\",\"prompt_name\":\"query\"}").statusCode(501);
    post("/models/floats/tokenize", "{\"inputs\":\"a\"}")
        .statusCode(422)
        .body("error", containsString("no tokenizer"));
    post("/models/nothing/embed", "{\"inputs\":\"a\"}").statusCode(404);
    given()
        .baseUri(server.url())
        .get("/embed")
        .then()
        .statusCode(405)
        .body("error_type", equalTo("Validation"));
  }
}
