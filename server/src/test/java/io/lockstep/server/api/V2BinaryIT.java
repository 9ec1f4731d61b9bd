package io.lockstep.server.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The binary tensor extension, in the form in which Triton's clients speak it. */
final class V2BinaryIT {

  private static final String HEADER = "Inference-Header-Content-Length";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Response infer(String model, String json, byte[]... tensors) throws IOException {
    return RestAssured.given()
        .baseUri(server.url())
        .contentType("application/octet-stream")
        .header(HEADER, json.length())
        .body(body(json, tensors))
        .post("/v2/models/" + model + "/infer");
  }

  private static byte[] body(String json, byte[]... tensors) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(json.getBytes(StandardCharsets.UTF_8));
    for (byte[] tensor : tensors) {
      body.write(tensor);
    }
    return body.toByteArray();
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(bytes::putLong);
    return bytes.array();
  }

  private static byte[] texts(String... texts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.write(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
      bytes.write(utf8);
    }
    return bytes.toByteArray();
  }

  private static String request(int sizeOfA, int sizeOfB, String more) {
    return """
    {"inputs":[{"name":"a","shape":[2,2],"datatype":"INT64",\
    "parameters":{"binary_data_size":%d}},{"name":"b","shape":[2],"datatype":"BYTES",\
    "parameters":{"binary_data_size":%d}}]%s}\
    """
        .formatted(sizeOfA, sizeOfB, more);
  }

  @Test
  void carriesSeveralTensorsBothWaysInTheOrderDeclared() throws IOException {
    byte[] a = longs(1, -2, Long.MIN_VALUE, Long.MAX_VALUE);
    byte[] b = texts("", "grün");
    Response response =
        infer(
            "two",
            request(
                a.length,
                b.length,
                ",\"parameters\":{\"binary_data_output\":true,\"sequence_id\":7}"),
            a,
            b);
    assertEquals(200, response.statusCode());
    assertEquals("application/octet-stream", response.contentType());
    byte[] bytes = response.asByteArray();
    int head = Integer.parseInt(response.header(HEADER));
    JsonNode json = JSON.readTree(Arrays.copyOf(bytes, head));
    assertEquals(
        "{\"name\":\"a\",\"datatype\":\"INT64\",\"shape\":[2,2],\"parameters\":{\"binary_data_size\":32}}",
        json.path("outputs").path(0).toString());
    assertEquals(b.length, json.path("outputs").path(1).at("/parameters/binary_data_size").asInt());
    assertArrayEquals(body("", a, b), Arrays.copyOfRange(bytes, head, bytes.length));
    SequenceControl step = server.inference().last().sequence();
    assertEquals(new SequenceControl(SequenceId.of(7), false, false), step);
  }

  @Test
  void mixesJsonAndBinaryOutputs() throws IOException {
    byte[] a = longs(1, 2, 3, 4);
    byte[] b = texts("x", "y");
    Response response =
        infer(
            "two",
            request(
                a.length,
                b.length,
                ",\"outputs\":[{\"name\":\"a\"},{\"name\":\"b\",\"parameters\":{\"binary_data\":true}}]"),
            a,
            b);
    byte[] bytes = response.asByteArray();
    int head = Integer.parseInt(response.header(HEADER));
    JsonNode json = JSON.readTree(Arrays.copyOf(bytes, head));
    assertEquals("[1,2,3,4]", json.path("outputs").path(0).path("data").toString());
    assertArrayEquals(b, Arrays.copyOfRange(bytes, head, bytes.length));
  }

  @Test
  void carriesHalfPrecisionAndBooleans() throws IOException {
    for (String[] type : new String[][] {{"FLOAT16", "FP16"}, {"BFLOAT16", "BF16"}}) {
      Response response =
          infer(
              type[0],
              """
              {"inputs":[{"name":"%s","shape":[2],"datatype":"%s",\
              "parameters":{"binary_data_size":4}}],"parameters":{"binary_data_output":true}}\
              """
                  .formatted(type[0], type[1]),
              new byte[] {1, 2, 3, 4});
      byte[] bytes = response.asByteArray();
      assertArrayEquals(
          new byte[] {1, 2, 3, 4}, Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length));
    }
    Response response =
        infer(
            "BOOL",
            "{\"inputs\":[{\"name\":\"BOOL\",\"shape\":[3],\"datatype\":\"BOOL\",\"parameters\":{\"binary_data_size\":3}}]}",
            new byte[] {0, 1, 2});
    assertTrue(response.asString().contains("[false,true,true]"), response.asString());
    Response refused =
        infer(
            "FLOAT16",
            "{\"inputs\":[{\"name\":\"FLOAT16\",\"shape\":[1],\"datatype\":\"FP16\",\"parameters\":{\"binary_data_size\":2}}]}",
            new byte[] {0, 60});
    assertEquals(400, refused.statusCode());
    assertTrue(refused.asString().contains("ask for it with binary_data"), refused.asString());
  }

  @Test
  void takesARawBodyAsTheOnlyInput() throws IOException {
    byte[] row = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 1.5f).array();
    Response response = infer0("floats", row);
    assertEquals(200, response.statusCode(), response.asString());
    byte[] bytes = response.asByteArray();
    assertArrayEquals(row, Arrays.copyOfRange(bytes, bytes.length - 12, bytes.length));
    assertEquals(
        "FLOAT32[1,3]", server.inference().last().inputs().getFirst().tensor().type().toString());
    assertEquals(
        200, infer0("texts_bytes", "any text".getBytes(StandardCharsets.UTF_8)).statusCode());
    assertEquals(400, infer0("floats", new byte[11]).statusCode());
    assertEquals(400, infer0("two", new byte[11]).statusCode());
    assertEquals(400, infer0("grid", new byte[12]).statusCode());
  }

  private static Response infer0(String model, byte[] body) {
    return RestAssured.given()
        .baseUri(server.url())
        .contentType("application/octet-stream")
        .header(HEADER, 0)
        .body(body)
        .post("/v2/models/" + model + "/infer");
  }

  @Test
  void announcesTheLengthOfTheJsonBeforeCompression() throws IOException {
    byte[] a = longs(1, 2, 3, 4);
    byte[] b = texts("x", "y");
    String json = request(a.length, b.length, "");
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(body(json, a, b));
    }
    Response response =
        RestAssured.given()
            .baseUri(server.url())
            .contentType("application/octet-stream")
            .header(HEADER, json.length())
            .header("Content-Encoding", "gzip")
            .body(zipped.toByteArray())
            .post("/v2/models/two/infer");
    assertEquals(200, response.statusCode(), response.asString());
    assertTrue(response.asString().contains("\"data\":[\"x\",\"y\"]"));
  }

  @Test
  void saysWhichSizesDisagree() throws IOException {
    byte[] a = longs(1, 2, 3, 4);
    byte[] b = texts("x", "y");
    assertRefused(
        infer("two", request(31, b.length, ""), a, b),
        "input 'a' takes 32 bytes for datatype",
        "input 'a' with datatype INT64 and shape [2,2] takes 32 bytes but binary_data_size is 31");
    assertRefused(
        infer("two", request(32, b.length, ""), a),
        "the body",
        "the JSON and the binary inputs take");
    assertRefused(
        infer("two", request(32, b.length, ""), a, b, new byte[1]),
        "the body",
        "the JSON and the binary inputs take");
    byte[] lies = texts("x", "y");
    lies[0] = 100;
    assertRefused(
        infer("two", request(32, lies.length, ""), a, lies),
        "element",
        "input 'b': element 0 says it has 100 bytes but only 6 are left of binary_data_size 10");
  }

  private static void assertRefused(Response response, String what, String message) {
    assertEquals(400, response.statusCode(), what);
    String error = response.jsonPath().getString("error");
    assertTrue(error.contains(message), error);
  }
}
