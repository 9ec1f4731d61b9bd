package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A real Prometheus that scrapes one server every second; tests are skipped without one. */
final class Prometheus implements AutoCloseable {

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final int port;

  private Prometheus(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Skips the test where Prometheus and its tool are not installed. */
  static void assumeInstalled() {
    for (String program : new String[] {"prometheus", "promtool"}) {
      boolean found =
          List.of(System.getenv("PATH").split(File.pathSeparator, -1)).stream()
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
      assumeTrue(found, "skipped: " + program + " is not installed");
    }
  }

  /** Starts it, with its data in {@code folder}. */
  static Prometheus scraping(int serverPort, Path folder) throws IOException {
    assumeInstalled();
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: { scrape_interval: 1s }
        scrape_configs:
          - job_name: lockstep
            static_configs: [{ targets: ["127.0.0.1:%d"] }]
        """
            .formatted(serverPort));
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--enable-feature=exemplar-storage")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    return new Prometheus(process, port);
  }

  /** What promtool says, which must be happy; {@code input} is what it reads. */
  static String promtool(String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst("promtool");
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var stdin = tool.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, tool.waitFor(), said);
    return said;
  }

  /** How many scrapes of the server succeeded; 0 while it is starting. */
  long scrapes() {
    try {
      JsonNode result = query("sum(count_over_time(up[5m]))");
      return result.isEmpty() ? 0 : result.get(0).get("value").get(1).asLong();
    } catch (UncheckedIOException starting) {
      return 0;
    }
  }

  /** The series that a query returns now. */
  JsonNode query(String query) {
    return get("query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)).get("result");
  }

  /** The exemplars of a metric, by series. */
  JsonNode exemplars(String metric) {
    return get("query_exemplars?query=" + metric + "&start=0&end=32503680000");
  }

  private JsonNode get(String path) {
    URI uri = URI.create(String.format(Locale.ROOT, "http://127.0.0.1:%d/api/v1/%s", port, path));
    try {
      String body =
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
      JsonNode answer = BuiltInServer.json(body);
      assertEquals("success", answer.path("status").asText(), path + ": " + body);
      return answer.get("data");
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while waiting for Prometheus", stopped);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
