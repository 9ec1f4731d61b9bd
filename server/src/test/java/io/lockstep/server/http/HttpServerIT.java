package io.lockstep.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.api.RawClient;
import io.lockstep.server.api.TestServer;
import io.lockstep.server.config.ByteSize;
import io.lockstep.server.config.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits, compression and what every answer carries, whatever the protocol. */
@Timeout(120)
final class HttpServerIT {

  private static final ServerConfig.Limits LIMITS =
      new ServerConfig.Limits(
          ByteSize.ofMebibytes(2), ByteSize.ofMebibytes(4), 64, 2, 16, Duration.ofSeconds(30));

  private static final String INFER = "/v2/models/floats/infer";

  private static TestServer server;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    server = TestServer.start(LIMITS);
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** A request of {@code rows} rows of FP32. */
  private static String rows(int rows) {
    Random random = new Random(1);
    return random
        .doubles(3L * rows)
        .mapToObj(value -> Float.toString((float) value))
        .collect(
            Collectors.joining(
                ",",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d,3],\"datatype\":\"FP32\",\"data\":["
                    .formatted(rows),
                "]}]}"));
  }

  private static byte[] compress(String text, boolean gzip) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = gzip ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void echoesTheRequestIdOrMakesOne() throws Exception {
    assertEquals(
        "my-id.1",
        send(to("/v2").header("x-request-id", "my-id.1"))
            .headers()
            .firstValue("x-request-id")
            .orElse(""));
    String made = send(to("/v2")).headers().firstValue("x-request-id").orElse("");
    assertTrue(made.matches("[0-9a-f]{32}"), made);
    String replaced =
        send(to("/nothing").header("x-request-id", "x".repeat(200)))
            .headers()
            .firstValue("x-request-id")
            .orElse("");
    assertTrue(replaced.matches("[0-9a-f]{32}"), replaced);
  }

  @Test
  void errorsBeforeAnyRouteHaveAnIdAndATimeToo() throws Exception {
    try (RawClient raw = new RawClient(server.port())) {
      raw.send(
          "GET /v2 HTTP/1.1\nHost: test\nx-request-id: early\nx-large: "
              + "x".repeat(HttpServer.MAX_HEADER_BYTES)
              + "\n\n");
      String answer = raw.answer();
      assertTrue(answer.startsWith("HTTP/1.1 431"), answer);
      assertTrue(answer.toLowerCase(Locale.ROOT).contains("\r\nx-request-id: "), answer);
      assertTrue(answer.contains("\r\nServer-Timing: total;dur="), answer);
    }
  }

  @Test
  void aHeadIsAnsweredAsItsGetWouldBeWithoutTheBody() throws Exception {
    for (String path : new String[] {"/v2/health/ready", "/v2/models/nobody", "/openapi.json"}) {
      HttpResponse<String> got = send(to(path));
      HttpResponse<String> answer = send(head(path));
      assertEquals(got.statusCode(), answer.statusCode(), path);
      assertEquals("", answer.body());
      assertEquals(
          got.headers().firstValue("Content-Length"),
          answer.headers().firstValue("Content-Length"),
          path);
      assertTrue(answer.headers().firstValue("x-request-id").isPresent());
      assertTrue(answer.headers().firstValue("Server-Timing").orElse("").contains("total;dur="));
    }
    try (TestServer draining = TestServer.start()) {
      draining.readiness().drain(true);
      HttpRequest probe =
          HttpRequest.newBuilder(URI.create(draining.url() + "/v2/health/ready")).HEAD().build();
      assertEquals(503, client.send(probe, BodyHandlers.ofString()).statusCode());
    }
  }

  private static HttpRequest.Builder head(String path) {
    return to(path).HEAD();
  }

  @Test
  void otherMethodsAreRefusedWithThoseThatThereAre() throws Exception {
    for (String method : new String[] {"POST", "OPTIONS", "DELETE"}) {
      HttpResponse<String> answer =
          send(to("/v2/models/nobody").method(method, BodyPublishers.noBody()));
      assertEquals(405, answer.statusCode());
      assertEquals("GET, HEAD", answer.headers().firstValue("Allow").orElse(""));
    }
    HttpResponse<String> answer = send(head("/v1/chat/completions"));
    assertEquals(405, answer.statusCode());
    assertEquals("POST", answer.headers().firstValue("Allow").orElse(""));
  }

  @Test
  void refusesACodingThatItDoesNotKnow() throws Exception {
    HttpResponse<String> answer =
        send(to(INFER).header("Content-Encoding", "zstd").POST(BodyPublishers.ofString(rows(1))));
    assertEquals(415, answer.statusCode());
    assertEquals(
        "{\"error\":\"Content-Encoding must be gzip, deflate or identity but is 'zstd'\"}",
        answer.body());
  }

  @Test
  void metricsComeInTheFormatThatIsAskedFor() throws Exception {
    HttpResponse<String> text = send(to("/metrics"));
    assertTrue(text.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
    HttpResponse<String> open =
        send(to("/metrics").header("Accept", "application/openmetrics-text;version=1.0.0"));
    assertTrue(
        open.headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("application/openmetrics-text"));
    assertTrue(open.body().endsWith("# EOF\n"));
  }

  @Test
  void tellsTheTimeOfEveryAnswer() throws Exception {
    for (String path : new String[] {"/v2", "/v1/models", "/nothing", "/v2/models/x", "/metrics"}) {
      String timing = send(to(path)).headers().firstValue("Server-Timing").orElse("");
      assertTrue(timing.matches(".*total;dur=[0-9.]+"), path + ": " + timing);
    }
    String timing =
        send(to(INFER).POST(BodyPublishers.ofString(rows(1))))
            .headers()
            .firstValue("Server-Timing")
            .orElse("");
    assertTrue(timing.matches("parse.*validate.*infer.*write.*total.*batch.*"), timing);
  }

  @Test
  void refusesBodiesBeyondTheLimitHoweverTheyCome() throws Exception {
    String large = " ".repeat(3 << 20);
    try (RawClient raw = new RawClient(server.port())) {
      raw.send("POST " + INFER + " HTTP/1.1\nHost: test\nContent-Length: 3000000\n\n");
      assertTrue(raw.answer().contains("413"));
    }
    byte[] bomb = compress(large, true);
    assertTrue(bomb.length < 10_000);
    HttpResponse<String> response =
        send(to(INFER).header("Content-Encoding", "gzip").POST(BodyPublishers.ofByteArray(bomb)));
    assertEquals(413, response.statusCode());
    assertEquals(
        "{\"error\":\"the body is larger than 2097152 bytes, which is max_body\"}",
        response.body());
    response =
        send(
            to("/v1/embeddings")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(bomb)));
    assertEquals(413, response.statusCode());
    assertTrue(response.body().startsWith("{\"error\":{\"message\":"), response.body());
  }

  @Test
  void readsCompressedBodies() throws Exception {
    for (boolean gzip : new boolean[] {true, false}) {
      HttpResponse<String> response =
          send(
              to(INFER)
                  .header("Content-Encoding", gzip ? "gzip" : "deflate")
                  .POST(BodyPublishers.ofByteArray(compress(rows(5), gzip))));
      assertEquals(200, response.statusCode(), response.body());
    }
  }

  @Test
  void compressesAnswersForThoseWhoAsk() throws Exception {
    String request = rows(2000);
    HttpResponse<byte[]> plain =
        client.send(
            to(INFER).POST(BodyPublishers.ofString(request)).build(), BodyHandlers.ofByteArray());
    assertFalse(plain.headers().firstValue("Content-Encoding").isPresent());
    HttpResponse<byte[]> zipped =
        client.send(
            to(INFER)
                .header("Accept-Encoding", "br, gzip;q=0.5")
                .POST(BodyPublishers.ofString(request))
                .build(),
            BodyHandlers.ofByteArray());
    assertEquals("gzip", zipped.headers().firstValue("Content-Encoding").orElse(""));
    assertEquals("Accept-Encoding", zipped.headers().firstValue("Vary").orElse(""));
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
      assertArrayEquals(plain.body(), in.readAllBytes());
    }
    assertFalse(
        send(to("/v2").header("Accept-Encoding", "gzip"))
            .headers()
            .firstValue("Content-Encoding")
            .isPresent());
    assertFalse(
        send(to(INFER).header("Accept-Encoding", "gzip;q=0").POST(BodyPublishers.ofString(request)))
            .headers()
            .firstValue("Content-Encoding")
            .isPresent());
  }

  @Test
  void streamsAnswersTooLargeToHoldBack() throws Exception {
    HttpResponse<String> response = send(to(INFER).POST(BodyPublishers.ofString(rows(40_000))));
    assertEquals(200, response.statusCode());
    assertFalse(response.headers().firstValue("Content-Length").isPresent());
    assertTrue(response.body().endsWith("]}]}"));
  }

  @Test
  void turnsAwayMoreRequestsThanItMayHandleAtATime() throws Exception {
    server.inference().hold(true);
    try {
      HttpRequest request = to(INFER).POST(BodyPublishers.ofString(rows(1))).build();
      CompletableFuture<HttpResponse<String>> first =
          client.sendAsync(request, BodyHandlers.ofString());
      CompletableFuture<HttpResponse<String>> second =
          client.sendAsync(request, BodyHandlers.ofString());
      var one = server.inference().awaitHeld();
      var two = server.inference().awaitHeld();
      HttpResponse<String> third = client.send(request, BodyHandlers.ofString());
      assertEquals(429, third.statusCode());
      assertEquals("1", third.headers().firstValue("Retry-After").orElse(""));
      one.release();
      two.release();
      assertEquals(200, first.get().statusCode());
      assertEquals(200, second.get().statusCode());
    } finally {
      server.inference().hold(false);
    }
  }

  @Test
  void finishesRequestsInFlightBeforeItStops() throws Exception {
    try (TestServer stopping = TestServer.start()) {
      stopping.inference().hold(true);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(stopping.url() + INFER))
              .POST(BodyPublishers.ofString(rows(1)))
              .build();
      CompletableFuture<HttpResponse<String>> answer =
          client.sendAsync(request, BodyHandlers.ofString());
      var call = stopping.inference().awaitHeld();
      int port = stopping.port();
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(stopping::close);
      while (accepts(port)) {
        Thread.onSpinWait();
      }
      assertFalse(answer.isDone());
      call.release();
      assertEquals(200, answer.get().statusCode());
      stopped.get();
    }
  }

  private static boolean accepts(int port) {
    try (RawClient _ = new RawClient(port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void exposesMetrics() throws Exception {
    send(to(INFER).POST(BodyPublishers.ofString(rows(1))));
    HttpResponse<String> response = send(to("/metrics"));
    assertEquals(200, response.statusCode());
    assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
    assertTrue(response.body().contains("lockstep_requests_total{"), response.body());
  }

  @Test
  void refusesHeadersThatAreTooLarge() throws Exception {
    HttpResponse<String> response = send(to("/v2").header("X-Large", "x".repeat(20_000)));
    assertEquals(431, response.statusCode());
    assertTrue(response.body().startsWith("{\"error\":"), response.body());
  }
}
