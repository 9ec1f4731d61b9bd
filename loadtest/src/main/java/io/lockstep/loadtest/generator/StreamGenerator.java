package io.lockstep.loadtest.generator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Runs a stage whose answers are streams: a virtual thread for each request notes when its tokens
 * come. Gatling's streams tell neither the status of a refusal nor times below a millisecond, and
 * connect again when a server ends a stream.
 */
final class StreamGenerator {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String EVENT = "data:";
  private static final String END = "[DONE]";

  private final Stage stage;
  private final HttpClient client;
  private final ConcurrentLinkedQueue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final AtomicInteger next = new AtomicInteger();
  private final long start = System.nanoTime() + StageRun.LEAD.toNanos();

  private StreamGenerator(Stage stage, HttpClient client) {
    this.stage = stage;
    this.client = client;
  }

  /** All requests of a stage; returns when the last one is answered or has failed. */
  static List<Sample> run(Stage stage) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .executor(threads)
                .build()) {
      StreamGenerator generator = new StreamGenerator(stage, client);
      // Its end waits for all requests, while the client's own tasks still have threads.
      try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
        generator.begin(requests);
      }
      return List.copyOf(generator.samples);
    }
  }

  private void begin(ExecutorService requests) {
    switch (stage.load()) {
      case Load.Open open -> {
        for (long time : open.times(stage.duration(), stage.seed())) {
          requests.execute(() -> {
            awaitTime(time);
            send(time);
          });
        }
      }
      case Load.Closed closed -> {
        for (int i = 0; i < closed.clients(); i++) {
          requests.execute(() -> {
            awaitTime(0);
            while (now() < stage.duration().toNanos()) {
              send(now());
            }
          });
        }
      }
    }
  }

  /** Nanoseconds from the start of the stage. */
  private long now() {
    return System.nanoTime() - start;
  }

  private void awaitTime(long time) {
    while (now() < time) {
      LockSupport.parkNanos(time - now());
    }
  }

  private void send(long intended) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(stage.url()))
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(stage.body(next.getAndIncrement())))
            .build();
    List<Long> tokens = new ArrayList<>();
    long sent = now();
    Sample.Result result;
    try {
      HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
      boolean ended = read(response, intended, tokens);
      result = Sample.Result.of(response.statusCode());
      if (result == Sample.Result.ANSWERED && !ended) {
        result = Sample.Result.FAILED;
      }
    } catch (IOException broken) {
      result = Sample.Result.FAILED;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      result = Sample.Result.FAILED;
    }
    samples.add(new Sample(intended, sent, now(), result, new StreamTimes(tokens)));
  }

  /** Notes the times of tokens, and says whether the stream came to its regular end. */
  private boolean read(HttpResponse<Stream<String>> response, long intended, List<Long> tokens)
      throws IOException {
    boolean ended = false;
    try (Stream<String> lines = response.body()) {
      for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
        String text = line.next();
        if (isToken(text)) {
          tokens.add(now() - intended);
        }
        ended |= text.startsWith(EVENT) && text.endsWith(END);
      }
    } catch (UncheckedIOException broken) {
      throw broken.getCause();
    }
    return ended;
  }

  /** Whether a line of a stream holds text; the first and the last event of a chat have none. */
  static boolean isToken(String line) {
    return line.startsWith(EVENT)
        && (line.contains("\"content\":\"") || line.contains("\"text\":\""))
        && !line.contains("\"content\":\"\"")
        && !line.contains("\"text\":\"\"");
  }
}
