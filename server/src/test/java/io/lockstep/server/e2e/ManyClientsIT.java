package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.e2e.MixedRequests.Asked;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at a time, with texts of every length, over an int8 model that batches. */
final class ManyClientsIT {

  private static final int CLIENTS = 64;
  private static final int REQUESTS_EACH = 3;

  @TempDir static Path folder;

  @Test
  @Timeout(120)
  void everyAnswerHasTheBitsOfItsLoneAnswer() throws Exception {
    BuiltInServer.copyModels(folder, "minilm");
    List<Asked> requests = MixedRequests.of(7, CLIENTS * REQUESTS_EACH);
    double batched;
    double rows;
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      List<String> alone =
          requests.stream().map(asked -> server.posted(asked.path(), asked.body())).toList();
      JsonNode before = server.statistics("minilm").getFirst();
      batched = answersPerSecond(server, requests, alone);
      JsonNode after = server.statistics("minilm").getFirst();
      rows = grown(before, after, "inference_count") / grown(before, after, "execution_count");
      assertEquals(requests.size(), grown(before, after, "inference_count"));
    }
    ServerConfig.Batching defaults = ServerConfig.DEFAULTS.batching();
    double single;
    try (BuiltInServer server =
        BuiltInServer.serving(
            folder,
            new ServerConfig.Batching(
                1,
                defaults.maxBatchTokens(),
                defaults.maxQueueDelay(),
                defaults.maxQueueSize(),
                defaults.instances()))) {
      List<String> alone =
          requests.stream().map(asked -> server.posted(asked.path(), asked.body())).toList();
      single = answersPerSecond(server, requests, alone);
    }
    System.out.printf(
        "%d clients, %d requests of 3 to 60 words: %.1f rows a run, %.0f answers/s; "
            + "with max_batch_size 1 %.0f answers/s%n",
        CLIENTS, requests.size(), rows, batched, single);
    assertTrue(rows > 2, "requests share runs, but a run had " + rows + " rows");
  }

  private static double grown(JsonNode before, JsonNode after, String key) {
    return after.get(key).asDouble() - before.get(key).asDouble();
  }

  /** Asks from all clients at once and checks every answer; how many came a second. */
  private static double answersPerSecond(
      BuiltInServer server, List<Asked> requests, List<String> expected) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> clients = new ArrayList<>();
    long startNanos;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < CLIENTS; client++) {
        int first = client * REQUESTS_EACH;
        clients.add(
            threads.submit(() -> {
              start.await();
              for (int i = first; i < first + REQUESTS_EACH; i++) {
                Asked asked = requests.get(i);
                assertEquals(expected.get(i), server.posted(asked.path(), asked.body()));
              }
              return null;
            }));
      }
      startNanos = System.nanoTime();
      start.countDown();
      for (Future<?> client : clients) {
        client.get();
      }
    }
    return requests.size() / ((System.nanoTime() - startNanos) / 1e9);
  }
}
