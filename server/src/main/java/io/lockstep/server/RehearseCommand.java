package io.lockstep.server;

import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code rehearse}: starts, answers a request of each kind and stops, so that a JVM with {@code
 * -XX:AOTCacheOutput} sees what a start needs and keeps it for the next ones.
 */
@Command(
    name = "rehearse",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Starts with the built-in models, answers some requests and stops.")
final class RehearseCommand implements Callable<Integer> {

  /** Bodies by path; models that are not there answer 404, which is a rehearsal, too. */
  private static final Map<String, String> REQUESTS =
      Map.of(
          "/v1/embeddings",
          "{\"model\":\"minilm\",\"input\":[\"A rehearsal.\",\"One, two.\"]}",
          "/v2/models/delivery-time/infer",
          "{\"inputs\":[{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[1,8],"
              + "\"data\":[1,2,3,4,5,6,7,8]}]}",
          "/v1/models/delivery-time:predict",
          "{\"instances\":[[1,2,3,4,5,6,7,8]]}",
          "/v1/chat/completions",
          "{\"model\":\"storyteller\",\"stream\":true,\"max_tokens\":8,"
              + "\"messages\":[{\"role\":\"user\",\"content\":\"A rehearsal.\"}]}");

  /** How often each is sent: what runs more often than once is compiled early in later starts. */
  private static final int TIMES = 30;

  @Option(names = "--models", required = true, description = "Model folder.")
  private Path models = Path.of(".");

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerConfig config =
        ServerConfig.DEFAULTS.withServer(
            ServerConfig.DEFAULTS.server().withAddress("127.0.0.1", 0));
    try (LockstepServer server = LockstepServer.start(config, models);
        HttpClient client = HttpClient.newHttpClient()) {
      server.loadModels();
      URI url = URI.create("http://127.0.0.1:" + server.port());
      for (int i = 0; i < TIMES; i++) {
        for (Map.Entry<String, String> request : REQUESTS.entrySet()) {
          send(
              client,
              HttpRequest.newBuilder(url.resolve(request.getKey()))
                  .POST(HttpRequest.BodyPublishers.ofString(request.getValue())));
        }
      }
      send(client, HttpRequest.newBuilder(url.resolve("/v2/health/ready")));
      send(client, HttpRequest.newBuilder(url.resolve("/metrics")));
    }
    return 0;
  }

  private static void send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    client.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }
}
