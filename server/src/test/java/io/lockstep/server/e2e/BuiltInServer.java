package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.server.LockstepServer;
import io.lockstep.server.api.OpenApiContract;
import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole server of some of the built-in models on a free port, with the client that tests ask it
 * through. The models are copied, so that a test may change them.
 */
final class BuiltInServer implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  /** Long enough for a busy machine; what takes longer hangs. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Tests need few runs; the compiler may see the models while they are tested. */
  private static final ServerConfig.Warmup SHORT_WARMUP =
      new ServerConfig.Warmup(true, Duration.ofSeconds(1));

  private final LockstepServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  private @Nullable OpenApiContract contract; // of the server, once it is needed

  private BuiltInServer(LockstepServer server) {
    this.server = server;
  }

  /** Copies these built-in models into {@code folder}; skips the test where they are not built. */
  static void copyModels(Path folder, String... models) {
    Path builtIn = repository();
    for (String model : models) {
      try (Stream<Path> files = Files.walk(builtIn.resolve(model))) {
        for (Path file : files.toList()) {
          Files.copy(file, folder.resolve(builtIn.relativize(file).toString()));
        }
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
  }

  /** Serves the models in {@code folder}, batching as the defaults say. */
  static BuiltInServer serving(Path folder) {
    return serving(folder, ServerConfig.DEFAULTS.batching());
  }

  /** Serves the models in {@code folder}. */
  static BuiltInServer serving(Path folder, ServerConfig.Batching batching) {
    ServerConfig defaults = ServerConfig.DEFAULTS;
    LockstepServer server =
        LockstepServer.start(
            new ServerConfig(
                defaults.server().withAddress("127.0.0.1", 0),
                defaults.repository(),
                defaults.limits(),
                defaults.compute(),
                batching,
                defaults.generation(),
                defaults.sequences(),
                SHORT_WARMUP,
                defaults.logging(),
                defaults.metrics(),
                defaults.tracing()),
            folder);
    server.loadModels();
    return new BuiltInServer(server);
  }

  /** The built-in models; skips the test where they are not built. */
  static Path repository() {
    Path repository =
        Path.of(System.getProperty("lockstep.models", "../models/target")).resolve("repository");
    assumeTrue(Files.isDirectory(repository), "skipped: the built-in models are not built");
    return repository;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  /** The answer to a request with this body. */
  HttpResponse<String> post(String path, String body) {
    return send(HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body)));
  }

  /** The answer to a request with this body, which must be 200. */
  String posted(String path, String body) {
    HttpResponse<String> answer = post(path, body);
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body();
  }

  /** The answer to a GET. */
  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  /** Sends any request within the time that a test has patience for. */
  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      HttpResponse<T> answer = client.send(request.timeout(TIMEOUT).build(), handler);
      if (answer.body() instanceof String text) {
        holdAgainstDescription(answer, text);
      }
      return answer;
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while waiting for an answer", stopped);
    }
  }

  /** Tests that look at an answer as a text have it compared with the description of its route. */
  private void holdAgainstDescription(HttpResponse<?> answer, String text)
      throws IOException, InterruptedException {
    synchronized (client) {
      if (contract == null) {
        HttpRequest request = HttpRequest.newBuilder(uri("/openapi.json")).build();
        contract = new OpenApiContract(client.send(request, BodyHandlers.ofByteArray()).body());
      }
    }
    contract.check(
        answer.request().method() + " " + answer.uri().getPath(),
        new OpenApiContract.Answer(
            answer.statusCode(),
            answer.headers().firstValue("content-type").orElse(""),
            text.getBytes(StandardCharsets.UTF_8)));
  }

  /** What the server tells of a model's versions. */
  List<JsonNode> statistics(String model) {
    HttpResponse<String> answer = get("/v2/models/" + model + "/stats");
    assertEquals(200, answer.statusCode(), answer.body());
    return List.copyOf(json(answer.body()).get("model_stats").valueStream().toList());
  }

  /** The native memory of this kind that all models hold, in bytes, as the metrics tell. */
  long memoryBytes(String model, String kind) {
    String series = "lockstep_model_memory_bytes{kind=\"" + kind + "\",model=\"" + model + "\"";
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
