package io.lockstep.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.tracing.RequestTracer;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AccessLogTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(10);
  private final FakeTicker ticker = new FakeTicker();

  /** Keeps each line instead of printing it. */
  private final class Lines extends PrintStream {
    Lines() {
      super(nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    @Override
    public void println(Object line) {
      lines.add(line.toString());
    }
  }

  private JsonNode logged() throws Exception {
    return new ObjectMapper().readTree(lines.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void tellsOfWorkItsPhasesAndBatchAndOfTheRestTheStatus() throws Exception {
    ServingMetrics metrics = new ServingMetrics(MetricsOptions.DEFAULTS);
    Observation observation = new Observation(metrics, RequestTracer.silent(ticker));
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(Duration.ofMillis(4));
    clock.mark(Phase.INFER);
    Javalin javalin =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          new AccessLog(new Lines(), ticker).install(config);
          config.routes.before(observation::begin);
          config.routes.post(
              "/work",
              context ->
                  observation.finished(
                      context,
                      new AnsweredRequest(
                          "m",
                          "1",
                          "v2",
                          "success",
                          new BatchInfo(4, 2, 16, CloseReason.FULL),
                          clock)));
        });
    javalin.start("127.0.0.1", 0);
    try (HttpClient client = HttpClient.newHttpClient()) {
      String url = "http://127.0.0.1:" + javalin.port();
      client.send(
          HttpRequest.newBuilder(URI.create(url + "/work"))
              .header("x-request-id", "a \"quoted\" id".replace(" ", "-"))
              .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
              .POST(HttpRequest.BodyPublishers.ofString("12345"))
              .build(),
          BodyHandlers.discarding());
      JsonNode work = logged();
      assertEquals("a-\"quoted\"-id", work.get("request_id").asText());
      assertEquals("POST", work.get("method").asText());
      assertEquals("/work", work.get("path").asText());
      assertEquals(200, work.get("status").asInt());
      assertEquals(5, work.get("request_bytes").asInt());
      assertEquals(TRACE, work.get("trace_id").asText());
      assertEquals("m", work.get("model").asText());
      assertEquals("success", work.get("outcome").asText());
      assertEquals(4.0, work.get("phases_ms").get("infer").asDouble());
      assertEquals(4, work.get("batch").get("rows").asInt());
      assertEquals("full", work.get("batch").get("close_reason").asText());
      client.send(
          HttpRequest.newBuilder(URI.create(url + "/nothing")).build(), BodyHandlers.discarding());
      JsonNode other = logged();
      assertEquals(404, other.get("status").asInt());
      assertTrue(other.get("request_id").asText().matches("[0-9a-f]{32}"));
      assertFalse(other.has("model"));
      assertFalse(other.has("trace_id"));
    } finally {
      javalin.stop();
      metrics.close();
    }
  }
}
