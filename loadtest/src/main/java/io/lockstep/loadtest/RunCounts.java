package io.lockstep.loadtest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * What a model has computed so far, by the statistics of the Open Inference Protocol.
 *
 * @param rows inferences
 * @param runs executions
 */
record RunCounts(long rows, long runs) {

  static RunCounts of(URI server, String model) throws IOException {
    URI statistics = server.resolve("/v2/models/" + model + "/stats");
    try (HttpClient client = HttpClient.newHttpClient()) {
      JsonNode answer =
          new ObjectMapper()
              .readTree(
                  client
                      .send(HttpRequest.newBuilder(statistics).build(), BodyHandlers.ofString())
                      .body());
      JsonNode first = answer.path("model_stats").path(0);
      return new RunCounts(
          first.path("inference_count").asLong(), first.path("execution_count").asLong());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + statistics, stopped);
    }
  }

  /** Rows of a run, on average; 0 where there was none. */
  double rowsOfARun() {
    return runs == 0 ? 0 : rows / (double) runs;
  }
}
