package io.lockstep.server;

import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/**
 * {@code rehearse}: starts, answers a request of each kind and stops, so that a JVM with {@code
 * -XX:AOTCacheOutput} sees what a start needs and keeps it for the next ones.
 */
final class RehearseCommand implements Command {

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

  @Override
  public String name() {
    return "rehearse";
  }

  @Override
  public String description() {
    return "Starts with the built-in models, answers some requests and stops.";
  }

  @Override
  public Options options() {
    Option models = Command.option("models", "DIR", "Model folder.");
    models.setRequired(true);
    return new Options().addOption(models);
  }

  @Override
  public boolean isHidden() {
    return true;
  }

  @Override
  public int run(CommandLine line, PrintWriter out, PrintWriter err)
      throws IOException, InterruptedException {
    Path models = Path.of(line.getOptionValue("models"));
    ServerConfig config =
        ServerConfig.DEFAULTS.withServer(
            ServerConfig.DEFAULTS.server().withAddress("127.0.0.1", 0));
    try (LockstepServer server = LockstepServer.startLoading(config, models);
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
