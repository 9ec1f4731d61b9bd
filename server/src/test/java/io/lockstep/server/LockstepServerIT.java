package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server, over a real model: a digit in, ten scores out. */
final class LockstepServerIT {

  private static final String ROOT = System.getProperty("lockstep.root", "..");
  private static final Path DIGITS =
      Path.of(System.getProperty("lockstep.testdata", ROOT + "/../shared/testdata"))
          .resolve("mnist/mnist-8.onnx");

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void copyModel() throws IOException {
    assumeTrue(Files.exists(DIGITS), "there is no " + DIGITS);
    Files.copy(DIGITS, folder.resolve("digits.onnx"));
    Files.writeString(folder.resolve("broken.onnx"), "this is no model");
  }

  private static ServerConfig anyPort() {
    return ServerConfig.DEFAULTS.withServer(
        ServerConfig.DEFAULTS.server().withAddress("127.0.0.1", 0));
  }

  private HttpResponse<String> get(LockstepServer server, String path)
      throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(server, path)).build(), BodyHandlers.ofString());
  }

  private static URI uri(LockstepServer server, String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  @Test
  void isAliveThenReadyThenAnswersThenIsGone() throws Exception {
    URI live;
    try (LockstepServer server = LockstepServer.start(anyPort(), folder)) {
      live = uri(server, "/v2/health/live");
      assertEquals(200, get(server, "/v2/health/live").statusCode());
      assertEquals(503, get(server, "/v2/health/ready").statusCode());
      server.loadModels();
      assertEquals(200, get(server, "/v2/health/ready").statusCode());
      assertEquals(503, get(server, "/v2/models/broken/ready").statusCode());
      String zeros = IntStream.range(0, 784).mapToObj(_ -> "0").collect(Collectors.joining(","));
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri(server, "/v2/models/digits/infer"))
                  .POST(
                      BodyPublishers.ofString(
                          "{\"inputs\":[{\"name\":\"Input3\",\"datatype\":\"FP32\","
                              + "\"shape\":[1,1,28,28],\"data\":["
                              + zeros
                              + "]}]}"))
                  .build(),
              BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("\"shape\":[1,10]"), answer.body());
      String timing = answer.headers().firstValue("Server-Timing").orElseThrow();
      for (String phase : new String[] {"parse", "queue", "infer", "split", "batch;desc="}) {
        assertTrue(timing.contains(phase), timing);
      }
      assertTrue(
          get(server, "/metrics")
              .body()
              .contains("lockstep_batch_rows_count{model=\"digits\",version=\"1\"} 1"));
    }
    assertThrows(
        ConnectException.class,
        () -> client.send(HttpRequest.newBuilder(live).build(), BodyHandlers.ofString()));
  }

  @Test
  void inspectSaysWhatAModelIs() {
    StringWriter out = new StringWriter();
    int status = commands(out).run("inspect", folder.resolve("digits.onnx").toString());
    assertEquals(0, status);
    String text = out.toString();
    assertTrue(text.contains("Input3  FLOAT32[1,1,28,28]"), text);
    assertTrue(text.contains("parameters"), text);
    assertTrue(text.contains("weights"), text);
  }

  @Test
  void mistakesAreToldInOneLine() {
    StringWriter out = new StringWriter();
    int status = commands(out).run("inspect", folder.resolve("broken.onnx").toString());
    assertEquals(1, status);
    assertEquals(1, out.toString().lines().count(), out.toString());
    StringWriter missing = new StringWriter();
    assertEquals(1, commands(missing).run("serve", "--models", folder.resolve("none").toString()));
    assertTrue(missing.toString().startsWith("lockstep: there is no model folder"));
  }

  private static Commands commands(StringWriter out) {
    PrintWriter writer = new PrintWriter(out, true);
    return Main.commands(writer, writer);
  }
}
