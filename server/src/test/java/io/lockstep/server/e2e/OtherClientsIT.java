package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of other servers, over real models: they find what they expect. */
final class OtherClientsIT {

  private static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  private static final List<String> SENTENCES =
      List.of(
          "A man is playing a guitar.",
          "Someone plays music on a guitar.",
          "The stock market fell sharply today.");

  @TempDir static Path folder;

  private static BuiltInServer server;

  @BeforeAll
  static void start() {
    BuiltInServer.copyModels(folder, "minilm", "delivery-time", "hourly-demand");
    server = BuiltInServer.serving(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void openAisClientFindsCloseMeaningsClose() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey("none")
            .maxRetries(0)
            .build();
    CreateEmbeddingResponse response =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("minilm")
                    .inputOfArrayOfStrings(SENTENCES)
                    .build());
    List<List<Float>> vectors = response.data().stream().map(data -> data.embedding()).toList();
    assertEquals(384, vectors.getFirst().size());
    assertGuitarsAreClose(dot(vectors.get(0), vectors.get(1)), dot(vectors.get(0), vectors.get(2)));
  }

  @Test
  void aClientOfTextEmbeddingsInferenceFindsTheSame() throws IOException {
    String texts = BuiltInServer.JSON.writeValueAsString(SENTENCES);
    JsonNode vectors = BuiltInServer.json(server.posted("/embed", "{\"inputs\":" + texts + "}"));
    assertGuitarsAreClose(dot(vectors.get(0), vectors.get(1)), dot(vectors.get(0), vectors.get(2)));
  }

  private static void assertGuitarsAreClose(double guitars, double guitarAndMarket) {
    assertTrue(
        guitars > 0.6 && guitarAndMarket < 0.3,
        "guitars are " + guitars + " close, a guitar and the market " + guitarAndMarket);
  }

  private static double dot(List<Float> a, List<Float> b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += (double) a.get(i) * b.get(i);
    }
    return sum;
  }

  private static double dot(JsonNode a, JsonNode b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.get(i).asDouble() * b.get(i).asDouble();
    }
    return sum;
  }

  @Test
  void binaryTensorsOfTokensGiveTheAnswerThatJsonGives() throws IOException {
    String json =
        """
        {"inputs":[\
        {"name":"input_ids","shape":[1,4],"datatype":"INT64","data":[101,7592,2088,102]},\
        {"name":"attention_mask","shape":[1,4],"datatype":"INT64","data":[1,1,1,1]},\
        {"name":"token_type_ids","shape":[1,4],"datatype":"INT64","data":[0,0,0,0]}]}\
        """;
    JsonNode expected =
        BuiltInServer.json(server.posted("/v2/models/minilm/infer", json)).at("/outputs/0");
    // As Triton's HTTP client writes it: sizes in the header, the tensors behind it.
    String head =
        """
        {"inputs":[\
        {"name":"input_ids","shape":[1,4],"datatype":"INT64",\
        "parameters":{"binary_data_size":32}},\
        {"name":"attention_mask","shape":[1,4],"datatype":"INT64",\
        "parameters":{"binary_data_size":32}},\
        {"name":"token_type_ids","shape":[1,4],"datatype":"INT64",\
        "parameters":{"binary_data_size":32}}],\
        "parameters":{"binary_data_output":true}}\
        """;
    ByteBuffer tensors = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
    for (long token : new long[] {101, 7592, 2088, 102, 1, 1, 1, 1, 0, 0, 0, 0}) {
      tensors.putLong(token);
    }
    assertSameFloats(floats(expected.get("data")), binary("minilm", head, tensors.array(), false));
  }

  @Test
  void compressedBinaryTensorsGiveTheGoldenForecast() throws IOException {
    JsonNode golden = golden("hourly-demand");
    float[] history = floats(golden.at("/inputs/history/data"));
    String head =
        """
        {"inputs":[{"name":"history","shape":[4,48,3],"datatype":"FP32",\
        "parameters":{"binary_data_size":%d}}],\
        "outputs":[{"name":"forecast","parameters":{"binary_data":true}}]}\
        """
            .formatted(4 * history.length);
    ByteBuffer tensor = ByteBuffer.allocate(4 * history.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : history) {
      tensor.putFloat(value);
    }
    assertClose(
        floats(golden.at("/outputs/forecast/data")),
        binary("hourly-demand", head, tensor.array(), true));
  }

  @Test
  void aClientOfTensorFlowServingGetsTheGoldenMinutes() throws IOException {
    JsonNode golden = golden("delivery-time");
    float[] features = floats(golden.at("/inputs/features/data"));
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < features.length; row += 8) {
      rows.append(row == 0 ? "" : ",")
          .append(Arrays.toString(Arrays.copyOfRange(features, row, row + 8)));
    }
    JsonNode predictions =
        BuiltInServer.json(
                server.posted("/v1/models/delivery-time:predict", "{\"instances\":[" + rows + "]}"))
            .get("predictions");
    float[] minutes = new float[predictions.size()];
    for (int row = 0; row < minutes.length; row++) {
      minutes[row] = predictions.get(row).get(0).floatValue();
    }
    assertClose(floats(golden.at("/outputs/minutes/data")), minutes);
  }

  /** Sends a binary request whose only output is FP32; returns that output. */
  private static float[] binary(String model, String head, byte[] tensors, boolean compressed)
      throws IOException {
    byte[] header = head.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(header);
    body.write(tensors);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri("/v2/models/" + model + "/infer"))
            .header("Content-Type", "application/octet-stream")
            .header(HEADER_LENGTH, Integer.toString(header.length));
    byte[] plain = body.toByteArray();
    if (compressed) {
      request.header("Content-Encoding", "gzip");
    }
    HttpResponse<byte[]> response =
        server.send(
            request.POST(BodyPublishers.ofByteArray(compressed ? gzip(plain) : plain)),
            BodyHandlers.ofByteArray());
    byte[] answer = response.body();
    assertEquals(200, response.statusCode(), () -> new String(answer, StandardCharsets.UTF_8));
    int headLength = Integer.parseInt(response.headers().firstValue(HEADER_LENGTH).orElseThrow());
    float[] output = new float[(answer.length - headLength) / 4];
    ByteBuffer.wrap(answer, headLength, answer.length - headLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(output);
    return output;
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(plain);
    }
    return zipped.toByteArray();
  }

  private static JsonNode golden(String model) throws IOException {
    return BuiltInServer.JSON.readTree(
        folder.resolve(model).resolve("1").resolve("golden.json").toFile());
  }

  private static float[] floats(JsonNode data) {
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get(i).floatValue();
    }
    return values;
  }

  private static void assertSameFloats(float[] expected, float[] actual) {
    assertEquals(Arrays.toString(expected), Arrays.toString(actual));
  }

  private static void assertClose(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-5 * Math.abs(expected[i]), "element " + i);
    }
  }
}
