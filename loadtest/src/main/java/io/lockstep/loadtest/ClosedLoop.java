package io.lockstep.loadtest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** So many clients, each of which sends its next request when its last one is answered. */
final class ClosedLoop {

  private static final long HIGHEST_MICROS = 60_000_000;

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI embeddings;
  private final String model;

  ClosedLoop(URI server, String model) {
    this.embeddings = server.resolve("/v1/embeddings");
    this.model = model;
  }

  /**
   * What the clients saw.
   *
   * @param latencies of answered requests, in microseconds
   * @param failures requests that were not answered with 200
   * @param elapsed from the first request to the last answer
   */
  record Outcome(Histogram latencies, long failures, Duration elapsed) {

    double requestsPerSecond() {
      return latencies.getTotalCount() / (elapsed.toNanos() / 1e9);
    }

    /** One line: rate and percentiles. */
    @Override
    public String toString() {
      return "%8.1f requests/s   p50 %7.1f ms   p90 %7.1f ms   p99 %7.1f ms   %d failed"
          .formatted(
              requestsPerSecond(),
              latencies.getValueAtPercentile(50) / 1e3,
              latencies.getValueAtPercentile(90) / 1e3,
              latencies.getValueAtPercentile(99) / 1e3,
              failures);
    }
  }

  /** Runs clients for a while; client i sends the sentences of seed i. */
  Outcome run(int clients, Duration duration, int longestSentence) throws InterruptedException {
    Histogram latencies = new ConcurrentHistogram(HIGHEST_MICROS, 3);
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    long failures = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> running = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Sentences sentences = new Sentences(i, 3, longestSentence);
        running.add(threads.submit(() -> sendUntil(end, sentences, latencies)));
      }
      for (Future<Long> result : running) {
        failures += result.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client broke", e.getCause());
    }
    return new Outcome(latencies, failures, Duration.ofNanos(System.nanoTime() - start));
  }

  private long sendUntil(long end, Sentences sentences, Histogram latencies)
      throws InterruptedException {
    long failures = 0;
    while (System.nanoTime() < end) {
      long sent = System.nanoTime();
      if (send(sentences.next())) {
        latencies.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - sent) / 1000));
      } else {
        failures++;
      }
    }
    return failures;
  }

  private boolean send(String sentence) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(embeddings)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"%s\",\"encoding_format\":\"base64\",\"input\":\"%s\"}"
                        .formatted(model, sentence)))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
