package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** TensorFlow Serving's REST API, request by request. */
final class TfServingIT {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse predict(String model, String body) {
    return given()
        .baseUri(server.url())
        .body(body)
        .urlEncodingEnabled(false)
        .post("/v1/models/" + model + ":predict")
        .then();
  }

  private static ValidatableResponse get(String path) {
    return given().baseUri(server.url()).get("/v1/models/" + path).then();
  }

  @Test
  void predictsRowsOfTheOnlyInput() {
    predict("floats", "{\"signature_name\":\"serving_default\",\"instances\":[[1,2,3],[4,5,6.5]]}")
        .statusCode(200)
        .body(equalTo("{\"predictions\":[[1.0,2.0,3.0],[4.0,5.0,6.5]]}"));
  }

  @Test
  void predictsRowsOfNamedInputs() {
    predict(
            "two/versions/1",
            "{\"instances\":[{\"a\":[1,2],\"b\":\"x\"},{\"b\":\"y\",\"a\":[3,4]}]}")
        .statusCode(200)
        .body(equalTo("{\"predictions\":[{\"a\":[1,2],\"b\":\"x\"},{\"a\":[3,4],\"b\":\"y\"}]}"));
  }

  @Test
  void predictsColumns() {
    predict("floats", "{\"inputs\":[[1,2,3]]}")
        .statusCode(200)
        .body(equalTo("{\"outputs\":[[1.0,2.0,3.0]]}"));
    predict("two", "{\"inputs\":{\"a\":[[1,2]],\"b\":[\"x\"]}}")
        .statusCode(200)
        .body(equalTo("{\"outputs\":{\"a\":[[1,2]],\"b\":[\"x\"]}}"));
  }

  @Test
  void carriesNumbersThatJsonHasNot() {
    predict("floats", "{\"instances\":[[NaN,Infinity,-Infinity]]}")
        .statusCode(200)
        .body(equalTo("{\"predictions\":[[NaN,Infinity,-Infinity]]}"));
  }

  @Test
  void carriesBytesInBase64() {
    predict("texts_bytes", "{\"instances\":[{\"b64\":\"/wA=\"},\"text\"]}")
        .statusCode(200)
        .body(equalTo("{\"predictions\":[{\"b64\":\"/wA=\"},{\"b64\":\"dGV4dA==\"}]}"));
    predict("texts_bytes", "{\"inputs\":{\"t_bytes\":[{\"b64\":\"/wA=\"}]}}")
        .statusCode(200)
        .body(equalTo("{\"outputs\":[{\"b64\":\"/wA=\"}]}"));
  }

  @Test
  void growsAnInputWhoseShapeItCannotKnowBeforehand() {
    String row = "[" + "[1],".repeat(4999) + "[1]]";
    predict("grid", "{\"inputs\":[" + row + "," + row + "]}").statusCode(200);
    assertEquals(
        "FLOAT32[2,5000,1]",
        server.inference().last().inputs().getFirst().tensor().type().toString());
  }

  @Test
  void refusesWhatIsNotEven() {
    predict("floats", "{\"instances\":[[1,2,3],[4,5]]}").statusCode(400);
    predict("floats", "{\"instances\":[[1,2,3],4]}").statusCode(400);
    predict("floats", "{\"instances\":[[1,2,3],[[4]]]}").statusCode(400);
    predict("two", "{\"instances\":[{\"a\":[1,2],\"b\":\"x\"},{\"a\":[1,2]}]}")
        .statusCode(400)
        .body("error", containsString("'b' is not in all"));
    predict("two", "{\"instances\":[[1,2]]}")
        .statusCode(400)
        .body("error", containsString("2 inputs"));
    predict("floats", "{\"instances\":[[1,2,3]],\"inputs\":[[1,2,3]]}")
        .statusCode(400)
        .body("error", containsString("not both"));
    predict("floats", "{}").statusCode(400).body("error", containsString("neither"));
    predict("floats", "{\"instances\":[]}").statusCode(400);
    predict("floats", "{\"inputs\":{\"y\":[1]}}")
        .statusCode(400)
        .body("error", equalTo("the model has no input 'y'; it has x"));
    predict("floats", "{\"signature_name\":\"other\",\"instances\":[[1,2,3]]}").statusCode(400);
  }

  @Test
  void tellsTheStateOfAModelTogetherWithWhatOpenAiClientsAskFor() {
    get("floats")
        .statusCode(200)
        .body(
            equalTo(
                """
                {"id":"floats","object":"model","created":1700000000,"owned_by":"lockstep",\
                "model_version_status":[{"version":"1","state":"AVAILABLE",\
                "status":{"error_code":"OK","error_message":""}}]}\
                """));
    get("broken/versions/1")
        .statusCode(200)
        .body("model_version_status[0].state", equalTo("END"))
        .body("model_version_status[0].status.error_message", equalTo("no such operator"));
    get("floats/versions/7").statusCode(404).body("error", containsString("'7'"));
    get("floats/labels/stable").statusCode(404);
  }

  @Test
  void tellsTheSignature() {
    get("two/metadata")
        .statusCode(200)
        .body("model_spec.version", equalTo("1"))
        .body(
            "metadata.signature_def.signature_def.serving_default.inputs.a.dtype",
            equalTo("DT_INT64"))
        .body(
            "metadata.signature_def.signature_def.serving_default.inputs.a.tensor_shape.dim.size",
            equalTo(List.of("-1", "2")));
  }

  @Test
  void saysThatExamplesAreNotSupported() {
    given()
        .baseUri(server.url())
        .urlEncodingEnabled(false)
        .post("/v1/models/floats:classify")
        .then()
        .statusCode(501)
        .body("error", containsString("use predict"));
    predict("nothing", "{}").statusCode(404).body("error", equalTo("no model 'nothing'"));
    predict("loading", "{}").statusCode(503).header("Retry-After", "1");
  }
}
