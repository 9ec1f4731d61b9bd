package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Inference over the Open Inference Protocol with tensors in JSON. */
final class V2InferIT {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static io.restassured.response.ValidatableResponse infer(String model, String body) {
    return given()
        .baseUri(server.url())
        .contentType("application/json")
        .body(body)
        .post("/v2/models/" + model + "/infer")
        .then();
  }

  @Test
  void answersFlatDataWithTheShortestDecimals() {
    infer(
            "floats",
            """
            {"id":"42","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32",
             "data":[0.1,16777217,1e-3]}]}\
            """)
        .statusCode(200)
        .header("Server-Timing", matchesPattern("parse;dur=.*total;dur=.*batch;desc=.*"))
        .header("x-request-id", matchesPattern("[0-9a-f]{32}"))
        .body(
            equalTo(
                """
                {"model_name":"floats","model_version":"1","id":"42","outputs":[{"name":"x",\
                "datatype":"FP32","shape":[1,3],"data":[0.1,1.6777216E7,0.001]}]}\
                """));
  }

  @Test
  void readsNestedDataThatStandsBeforeItsShape() {
    infer(
            "floats",
            """
            {"inputs":[{"data":[[1,2,3],[4,5,6]],"name":"x","shape":[2,3],"datatype":"FP32"}]}\
            """)
        .statusCode(200)
        .body("outputs[0].data[5]", equalTo(6.0f));
  }

  @Test
  void refusesNestingThatDisagreesWithTheShape() {
    infer(
            "floats",
            """
            {"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[[1,2],[3,4],[5,6]]}]}\
            """)
        .statusCode(400)
        .body("error", containsString("input 'x'.data"));
  }

  @Test
  void tellsThatARouteDoesNotExist() {
    given()
        .baseUri(server.url())
        .get("/v2/nothing")
        .then()
        .statusCode(404)
        .body("error", containsString("/v2/nothing"));
    given()
        .baseUri(server.url())
        .get("/v2/models/floats/infer")
        .then()
        .statusCode(405)
        .header("Allow", "POST")
        .body("error", containsString("Method"));
  }
}
