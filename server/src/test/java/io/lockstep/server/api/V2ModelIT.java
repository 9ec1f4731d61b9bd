package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the Open Inference Protocol tells about server and models, and the model repository. */
final class V2ModelIT {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse get(String path) {
    return given().baseUri(server.url()).get(path).then();
  }

  private static ValidatableResponse post(String path, String body) {
    return given().baseUri(server.url()).body(body).post(path).then();
  }

  @Test
  void tellsAboutTheServer() {
    get("/v2")
        .statusCode(200)
        .body("name", equalTo("lockstep"))
        .body("version", equalTo("1.2.3"))
        .body("extensions", hasItem("binary_tensor_data"))
        .body("extensions", hasItem("sequence"))
        .body("extensions", hasItem("sequence(string_id)"));
    get("/v2/").statusCode(200);
    get("/v2/health/live").statusCode(200).body(equalTo("{\"live\":true}"));
    get("/v2/health/ready").statusCode(200).body(equalTo("{\"ready\":true}"));
  }

  @Test
  void isAliveButNotReadyWhileDraining() {
    server.readiness().drain(true);
    get("/v2/health/live").statusCode(200);
    get("/v2/health/ready").statusCode(503).body(equalTo("{\"ready\":false}"));
    post("/v2/models/floats/infer", "{}")
        .statusCode(503)
        .header("Retry-After", "1")
        .body("error", equalTo("the server is shutting down"));
    get("/v2/models/floats").statusCode(200);
    server.readiness().drain(false);
    get("/v2/health/ready").statusCode(200);
  }

  @Test
  void describesAModel() {
    String expected =
        """
        {"name":"two","versions":["1"],"platform":"onnx_onnxv1","inputs":[\
        {"name":"a","datatype":"INT64","shape":[-1,2]},\
        {"name":"b","datatype":"BYTES","shape":[-1]}],"outputs":[\
        {"name":"a","datatype":"INT64","shape":[-1,2]},\
        {"name":"b","datatype":"BYTES","shape":[-1]}]}\
        """;
    get("/v2/models/two").statusCode(200).body(equalTo(expected));
    get("/v2/models/two/versions/1").statusCode(200).body(equalTo(expected));
    get("/v2/models/two/versions/2").statusCode(404);
    get("/v2/models").statusCode(200).body("models", hasItem("two"));
  }

  @Test
  void saysWhetherAModelIsReady() {
    get("/v2/models/two/ready").statusCode(200).body(equalTo("{\"name\":\"two\",\"ready\":true}"));
    get("/v2/models/two/versions/1/ready").statusCode(200);
    get("/v2/models/loading/ready")
        .statusCode(503)
        .body(equalTo("{\"name\":\"loading\",\"ready\":false}"));
    get("/v2/models/nothing/ready").statusCode(404).body("error", containsString("nothing"));
  }

  @Test
  void tellsTheConfigurationAsTritonDoes() {
    get("/v2/models/two/config")
        .statusCode(200)
        .body(
            equalTo(
                """
                {"name":"two","platform":"onnx_onnxv1","backend":"lockstep","max_batch_size":8,\
                "input":[{"name":"a","data_type":"TYPE_INT64","dims":[2]},\
                {"name":"b","data_type":"TYPE_STRING","dims":[]}],\
                "output":[{"name":"a","data_type":"TYPE_INT64","dims":[2]},\
                {"name":"b","data_type":"TYPE_STRING","dims":[]}],\
                "instance_group":[{"kind":"KIND_CPU","count":1}],\
                "dynamic_batching":{"max_queue_delay_microseconds":2000,\
                "default_queue_policy":{"max_queue_size":64}}}\
                """));
  }

  @Test
  void countsWhatModelsDid() {
    get("/v2/models/two/stats")
        .statusCode(200)
        .body("model_stats.size()", equalTo(1))
        .body("model_stats[0].inference_stats.success.ns", equalTo(5000))
        .body("model_stats[0].batch_stats[0].batch_size", equalTo(2))
        .body("model_stats[0].memory_usage[0].byte_size", equalTo(100));
    get("/v2/models/stats").statusCode(200).body("model_stats.name", hasItem("floats"));
    get("/v2/models/nothing/versions/1/stats").statusCode(404);
  }

  @Test
  void listsTheRepository() {
    post("/v2/repository/index", "")
        .statusCode(200)
        .body("find { it.name == 'broken' }.state", equalTo("UNAVAILABLE"))
        .body("find { it.name == 'broken' }.reason", equalTo("no such operator"))
        .body("find { it.name == 'loading' }.state", equalTo("LOADING"));
    post("/v2/repository/index", "{\"ready\":true}")
        .statusCode(200)
        .body("state.unique()", equalTo(List.of("READY")));
    post("/v2/repository/index", "{\"ready\":1}").statusCode(400);
  }

  @Test
  void loadsAndUnloadsModels() {
    post("/v2/repository/models/two/load", "").statusCode(200).body(equalTo(""));
    post("/v2/repository/models/two/unload", "{\"parameters\":{\"unload_dependents\":true}}")
        .statusCode(200);
    assertEquals(List.of("load two", "unload two"), server.catalog().calls());
    post("/v2/repository/models/broken/load", "{}")
        .statusCode(400)
        .body("error", containsString("no such operator"));
    post("/v2/repository/models/nothing/load", "{}").statusCode(404);
    post("/v2/repository/models/two/load", "{\"parameters\":{\"file:1/model.onnx\":\"AAAA\"}}")
        .statusCode(501)
        .body("error", containsString("file:1/model.onnx"));
  }
}
