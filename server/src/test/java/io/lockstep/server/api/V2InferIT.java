package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Inference over the Open Inference Protocol with tensors in JSON. */
final class V2InferIT {

  private static final String NAMED_X = "{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\"";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse infer(String model, String body) {
    return given()
        .baseUri(server.url())
        .contentType("application/json; charset=utf-8")
        .body(body)
        .post("/v2/models/" + model + "/infer")
        .then();
  }

  /** An inference of the model with one input of each type. */
  private static ValidatableResponse inferType(String type, String datatype, String data) {
    return infer(
        type,
        "{\"inputs\":[{\"name\":\"%s\",\"shape\":[%d],\"datatype\":\"%s\",\"data\":[%s]}]}"
            .formatted(type, data.split(",", -1).length, datatype, data));
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
            "floats/versions/1",
            """
            {"inputs":[{"data":[[1,2,3],[4,5,6.25]],"name":"x","shape":[2,3],"datatype":"FP32"}]}\
            """)
        .statusCode(200)
        .body("outputs[0].data[5]", equalTo(6.25f));
  }

  @Test
  void keepsEveryBitOfIntegersAndRoundsDecimalsOnce() {
    inferType("INT64", "INT64", "-9223372036854775808,9223372036854775807,9007199254740993")
        .body(containsString("[-9223372036854775808,9223372036854775807,9007199254740993]"));
    inferType("UINT64", "UINT64", "18446744073709551615,9223372036854775808,0")
        .body(containsString("[18446744073709551615,9223372036854775808,0]"));
    inferType("UINT8", "UINT8", "0,255").body(containsString("[0,255]"));
    inferType("INT8", "INT8", "-128,127").body(containsString("[-128,127]"));
    inferType("UINT32", "UINT32", "4294967295").body(containsString("[4294967295]"));
    inferType("FLOAT64", "FP64", "0.1,1e300,-5e-324")
        .body(containsString("[0.1,1.0E300,-4.9E-324]"));
    inferType("BOOL", "BOOL", "true,0,1").body(containsString("[true,false,true]"));
    inferType("STRING", "BYTES", "\"\",\"grün 🎸\"").body(containsString("[\"\",\"grün \\uD83C"));
    // Half way between two floats but for its last digit: a detour over a double would round down.
    inferType("FLOAT32", "FP32", "1.00000005960464477540").body(containsString("[1.0000001]"));
  }

  @Test
  void refusesValuesThatAreOutOfRangeOrOfAnotherKind() {
    inferType("INT64", "INT64", "9223372036854775808")
        .statusCode(400)
        .body(
            "error",
            equalTo(
                "input 'INT64'.data holds 9223372036854775808, which is out of range for INT64"));
    inferType("UINT64", "UINT64", "18446744073709551616").statusCode(400);
    inferType("UINT64", "UINT64", "-1").statusCode(400);
    inferType("UINT8", "UINT8", "256").statusCode(400);
    inferType("INT16", "INT16", "1.0")
        .statusCode(400)
        .body("error", containsString("must hold an integer, as INT16 is"));
    inferType("FLOAT32", "FP32", "1e39").statusCode(400);
    inferType("FLOAT32", "FP32", "NaN").statusCode(400);
    inferType("BOOL", "BOOL", "2").statusCode(400);
    inferType("STRING", "BYTES", "1").statusCode(400);
    inferType("FLOAT16", "FP16", "1")
        .statusCode(400)
        .body("error", containsString("has no JSON form; send it in binary"));
  }

  @Test
  void refusesNestingThatDisagreesWithTheShape() {
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[[1,2],[3,4],[5,6]]}]}")
        .statusCode(400)
        .body(
            "error",
            equalTo(
                "input 'x'.data must hold 3 elements along its last axis, as in [1,3] but holds only"
                    + " 2 elements"));
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[[[1,2,3]]]}]}").statusCode(400);
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3,4]}]}")
        .statusCode(400)
        .body("error", containsString("holds more than 3 elements"));
  }

  @Test
  void refusesShapesThatCannotBeBeforeTakingMemory() {
    infer(
            "floats",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1000000,1000000],\"datatype\":\"FP32\",\"data\":[1]}]}")
        .statusCode(413)
        .body("error", containsString("max_tensor"));
    infer(
            "floats",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1000000,3],\"datatype\":\"FP32\",\"data\":[1]}]}")
        .statusCode(400)
        .body("error", containsString("3000000 elements, but the whole body has only"));
  }

  @Test
  void writesWhatJsonHasNoNumberForAsNull() {
    // TensorFlow Serving's API may carry NaN, so the model can be made to answer it.
    byte[] nan = {0, 0, (byte) 0xc0, 0x7f, 0, 0, (byte) 0x80, 0x7f, 0, 0, (byte) 0x80, 0x3f};
    String head = "{\"inputs\":[" + NAMED_X + ",\"parameters\":{\"binary_data_size\":12}}]}";
    byte[] body = Arrays.copyOf(head.getBytes(StandardCharsets.UTF_8), head.length() + 12);
    System.arraycopy(nan, 0, body, head.length(), 12);
    given()
        .baseUri(server.url())
        .header("Inference-Header-Content-Length", head.length())
        .contentType("application/octet-stream")
        .body(body)
        .post("/v2/models/floats/infer")
        .then()
        .statusCode(200)
        .body(containsString("\"data\":[null,null,1.0],\"parameters\":{\"non_finite_as_null\":2}"));
  }

  @Test
  void passesOnWhatARequestAsksOfItsScheduling() {
    infer(
            "floats",
            "{\"parameters\":{\"priority\":3,\"timeout\":250000,\"custom\":\"x\",\"sequence_id\":0},"
                + "\"inputs\":["
                + NAMED_X
                + ",\"data\":[1,2,3]}],\"outputs\":[{\"name\":\"x\"}]}")
        .statusCode(200);
    InferRequest request = server.inference().last();
    assertNull(request.sequence(), "0 means none");
    assertEquals(3, request.priority());
    assertEquals(List.of("x"), request.outputs());
    assertEquals(
        TimeUnit.MILLISECONDS.toNanos(250),
        request.deadline().atNanos() - request.clock().startNanos());
  }

  @Test
  void givesRequestsWithoutATimeoutTheConfiguredOne() {
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}").statusCode(200);
    InferRequest request = server.inference().last();
    assertTrue(request.deadline().isSet());
    assertEquals(
        TimeUnit.SECONDS.toNanos(60), request.deadline().atNanos() - request.clock().startNanos());
  }

  private @Nullable SequenceControl sequence(String parameters) {
    infer(
            "floats",
            "{\"parameters\":{" + parameters + "},\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}")
        .statusCode(200);
    return server.inference().last().sequence();
  }

  @Test
  void passesOnTheSequenceThatARequestIsAStepOf() {
    assertNull(sequence("\"sequence_id\":\"\",\"sequence_end\":false"));
    assertEquals(
        new SequenceControl(SequenceId.of("a"), true, false),
        sequence("\"sequence_id\":\"a\",\"sequence_start\":true"));
    assertEquals(
        new SequenceControl(SequenceId.of(-1L), false, true),
        sequence("\"sequence_end\":true,\"sequence_id\":18446744073709551615"));
  }

  @Test
  void refusesSequencesThatAreNone() {
    for (String[] wrong :
        new String[][] {
          {"\"sequence_id\":-1", "a string or a whole number from 0 to 18446744073709551615"},
          {"\"sequence_id\":18446744073709551616", "whole number from 0 to"},
          {"\"sequence_id\":1.5", "whole number from 0 to"},
          {"\"sequence_id\":\"" + "x".repeat(129) + "\"", "more than 128 characters"},
          {"\"sequence_start\":true", "need a sequence_id"},
          {"\"sequence_id\":0,\"sequence_end\":true", "need a sequence_id"},
        }) {
      infer(
              "floats",
              "{\"parameters\":{" + wrong[0] + "},\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}")
          .statusCode(400)
          .body("error", containsString(wrong[1]));
    }
  }

  @Test
  void refusesWhatItDoesNotDo() {
    infer(
            "floats",
            "{\"inputs\":[" + NAMED_X + ",\"parameters\":{\"shared_memory_region\":\"r\"}}]}")
        .statusCode(501);
  }

  @Test
  void answersTheBestClassesWithTheirLabels() {
    infer(
            "floats",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,3],\"datatype\":\"FP32\",\"data\":[1,9,5,7,7,-1]}],"
                + "\"outputs\":[{\"name\":\"x\",\"parameters\":{\"classification\":2}}]}")
        .statusCode(200)
        .body("outputs[0].datatype", equalTo("BYTES"))
        .body("outputs[0].shape", equalTo(List.of(2, 2)))
        .body(
            "outputs[0].data",
            equalTo(List.of("9.000000:1:dog", "5.000000:2", "7.000000:0:cat", "7.000000:1:dog")));
  }

  @Test
  void tellsWhenToComeBackToAFullQueue() {
    server.inference().failNext(ServingException.overloaded("the queue is full", 7));
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}")
        .statusCode(429)
        .header("Retry-After", "7")
        .body("error", equalTo("the queue is full"));
    server.inference().failNext(new ServingException(ErrorCode.DEADLINE_EXCEEDED, "too late"));
    infer("floats", "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}").statusCode(504);
  }

  @Test
  void namesWhatDoesNotExist() {
    infer("nothing", "{\"inputs\":[]}")
        .statusCode(404)
        .body("error", equalTo("no model 'nothing'"));
    infer("floats/versions/9", "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}]}").statusCode(404);
    infer(
            "floats",
            "{\"inputs\":[" + NAMED_X + ",\"data\":[1,2,3]}],\"outputs\":[{\"name\":\"y\"}]}")
        .statusCode(404)
        .body("error", containsString("'y'"));
    infer("loading", "{\"inputs\":[]}").statusCode(503).header("Retry-After", "1");
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
