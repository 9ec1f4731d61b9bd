package io.lockstep.loadtest.start;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;

/**
 * The first answer of a server and what later ones come to. A request's time is what its client
 * sees; a run's is what the server says that the model took.
 *
 * @param firstMillis of the first request
 * @param steadyMillis of a request, the median of the second half
 * @param firstRunMillis of the first request's run
 * @param steadyRunMillis of a run, the mean of the second half
 */
record FirstAnswers(
    double firstMillis, double steadyMillis, double firstRunMillis, double steadyRunMillis) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Sends the same request again and again over one connection.
   *
   * @param requests 4 or more
   */
  static FirstAnswers measure(URI server, String model, Traffic traffic, int requests)
      throws IOException {
    int half = requests / 2;
    double[] millis = new double[requests];
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(traffic.path()))
            .POST(HttpRequest.BodyPublishers.ofString(traffic.body(0)))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI statistics = server.resolve("/v2/models/" + model + "/stats");
      // Opens the connection; the route of the predictions is still untouched.
      send(client, HttpRequest.newBuilder(server.resolve("/v2/health/live")).build());
      double firstRun = 0;
      double halfOfRuns = 0;
      for (int i = 0; i < millis.length; i++) {
        final long start = System.nanoTime();
        send(client, request);
        millis[i] = (System.nanoTime() - start) / 1e6;
        if (i == 0) {
          firstRun = runMillis(client, statistics);
        } else if (i == half - 1) {
          halfOfRuns = runMillis(client, statistics);
        }
      }
      double[] steady = Arrays.copyOfRange(millis, half, millis.length);
      Arrays.sort(steady);
      return new FirstAnswers(
          millis[0],
          steady[steady.length / 2],
          firstRun,
          (runMillis(client, statistics) - halfOfRuns) / steady.length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + server, e);
    }
  }

  /** Time in runs of the model so far. */
  private static double runMillis(HttpClient client, URI statistics)
      throws IOException, InterruptedException {
    JsonNode all = JSON.readTree(send(client, HttpRequest.newBuilder(statistics).build()));
    JsonNode runs = all.path("model_stats").path(0).path("inference_stats").path("compute_infer");
    return runs.path("ns").asLong() / 1e6;
  }

  private static String send(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(
          request.uri() + ": status " + answer.statusCode() + ", " + answer.body());
    }
    return answer.body();
  }
}
