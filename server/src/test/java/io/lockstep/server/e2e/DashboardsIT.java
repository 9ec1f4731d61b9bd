package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a server under load, and every query of every panel returns series. The
 * list of queries is left in {@code target/dashboard-queries.txt}.
 */
@Timeout(180)
final class DashboardsIT {

  private static final Path CONFIG = Path.of(System.getProperty("lockstep.root"), "config");

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  /** A rate needs two scrapes, and a third when the first came before the first request. */
  private static final int SCRAPES = 4;

  @Test
  void rulesAndTheirTestsPassPromtool() throws Exception {
    Prometheus.assumeInstalled();
    Path alerts = CONFIG.resolve("alerts");
    Prometheus.promtool("", "check", "rules", alerts.resolve("lockstep.yml").toString());
    Prometheus.promtool("", "test", "rules", alerts.resolve("lockstep_test.yml").toString());
    Prometheus.promtool(
        "", "check", "config", CONFIG.resolve("prometheus/prometheus.yml").toString());
  }

  @Test
  void everyPanelHasDataUnderLoad(@TempDir Path folder) throws Exception {
    Prometheus.assumeInstalled();
    BuiltInServer.copyModels(folder, "minilm", "delivery-time", "storyteller");
    AtomicBoolean over = new AtomicBoolean();
    try (BuiltInServer server = BuiltInServer.serving(folder);
        Prometheus prometheus = Prometheus.scraping(server.uri("/").getPort(), folder);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> asking = new ArrayList<>();
      for (int client = 0; client < 3; client++) {
        asking.add(
            clients.submit(() -> {
              while (!over.get()) {
                ask(server);
              }
            }));
      }
      try {
        while (prometheus.scrapes() < SCRAPES) {
          ask(server);
        }
        // The collector of the JVM has a meter from its first run on.
        System.gc();
        long before = prometheus.scrapes();
        while (prometheus.scrapes() < before + 2) {
          ask(server);
        }
        Map<String, Integer> series = evaluate(prometheus);
        Files.write(
            Path.of("target", "dashboard-queries.txt"),
            series.entrySet().stream().map(q -> q.getValue() + "  " + q.getKey()).toList());
        List<String> empty =
            series.entrySet().stream()
                .filter(query -> query.getValue() == 0)
                .map(Map.Entry::getKey)
                .toList();
        assertEquals(List.of(), empty);
        assertFalse(series.isEmpty());
        Prometheus.promtool(server.get("/metrics").body(), "check", "metrics");
        JsonNode exemplars = prometheus.exemplars("lockstep_request_duration_seconds_bucket");
        assertTrue(exemplars.toString().contains(TRACE), exemplars.toString());
      } finally {
        over.set(true);
      }
      for (Future<?> client : asking) {
        client.get();
      }
    }
  }

  private static void ask(BuiltInServer server) {
    server.send(
        HttpRequest.newBuilder(server.uri("/v1/embeddings"))
            .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
            .POST(BodyPublishers.ofString("{\"model\":\"minilm\",\"input\":\"traced\"}")),
        BodyHandlers.discarding());
    server.posted(
        "/v1/embeddings",
        "{\"model\":\"minilm\",\"input\":[\"one sentence\",\"another, longer\"]}");
    server.posted(
        "/v2/models/delivery-time/infer",
        "{\"inputs\":[{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[1,8],"
            + "\"data\":[5.2,3,1,18,4,0,0.4,2]}]}");
    server.posted(
        "/v1/chat/completions",
        "{\"model\":\"storyteller\",\"max_tokens\":8,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]}");
  }

  /** The number of series of each query, by dashboard, panel and query. */
  private static Map<String, Integer> evaluate(Prometheus prometheus) throws Exception {
    Map<String, Integer> series = new TreeMap<>();
    List<Path> dashboards;
    try (Stream<Path> files = Files.list(CONFIG.resolve("grafana/dashboards"))) {
      dashboards = new ArrayList<>(files.toList());
    }
    for (Path dashboard : dashboards) {
      for (JsonNode panel : BuiltInServer.json(Files.readString(dashboard)).get("panels")) {
        for (JsonNode target : panel.get("targets")) {
          String query = target.get("expr").asText();
          String now = query.replace("$model", ".*").replace("$__rate_interval", "30s");
          series.put(
              String.format(
                  Locale.ROOT,
                  "%s | %s | %s",
                  dashboard.getFileName(),
                  panel.get("title").asText(),
                  query),
              prometheus.query(now).size());
        }
      }
    }
    return series;
  }
}
