package io.lockstep.loadtest.decode;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A text that a server streams, and when each of its tokens came. */
final class TokenStream {

  private static final String MARK = "data: [DONE]";

  private final long sentNanos = System.nanoTime();
  private final List<Long> tokenNanos = new ArrayList<>();
  private @Nullable String problem;
  private boolean isOver;

  private TokenStream() {}

  /**
   * Sends a request, and follows its answer on a thread of its own.
   *
   * @param prompt token ids
   * @param tokens that follow, whatever the model would do
   */
  static TokenStream start(HttpClient client, URI server, int[] prompt, int tokens) {
    String ids = IntStream.of(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
    // Logprobs make an event of every token; some have no text of their own.
    String body =
        """
        {"model": "%s", "prompt": [%s], "max_tokens": %d, "ignore_eos": true, "temperature": 0,
         "stream": true, "logprobs": 0}
        """
            .formatted(PrefillBench.MODEL, ids, tokens);
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve("/v1/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    TokenStream stream = new TokenStream();
    Thread.ofPlatform().daemon().start(() -> stream.follow(client, request));
    return stream;
  }

  private void follow(HttpClient client, HttpRequest request) {
    try {
      HttpResponse<Stream<String>> answer =
          client.send(request, HttpResponse.BodyHandlers.ofLines());
      try (Stream<String> lines = answer.body()) {
        lines.forEach(this::line);
      }
      end(answer.statusCode() == 200 ? null : "status " + answer.statusCode());
    } catch (IOException | RuntimeException e) {
      end(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end("interrupted");
    }
  }

  private synchronized void line(String line) {
    if (line.startsWith("data: ") && !line.equals(MARK) && line.contains("\"tokens\":[\"")) {
      tokenNanos.add(System.nanoTime());
      notifyAll();
    }
  }

  private synchronized void end(@Nullable String why) {
    problem = why;
    isOver = true;
    notifyAll();
  }

  /** Waits until so many tokens have come. */
  synchronized void await(int tokens) throws InterruptedException {
    while (tokenNanos.size() < tokens) {
      if (isOver) {
        throw new IllegalStateException("the stream ended early: " + problem);
      }
      wait();
    }
  }

  synchronized int tokens() {
    return tokenNanos.size();
  }

  long sentNanos() {
    return sentNanos;
  }

  /** When the first token came, which it has. */
  synchronized long firstNanos() {
    return tokenNanos.getFirst();
  }

  /** How many tokens came after {@code from} and until {@code to}. */
  synchronized int tokensWithin(long from, long to) {
    return (int) tokenNanos.stream().filter(at -> at - from > 0 && at - to <= 0).count();
  }

  /** Times between tokens of which the later one came after {@code from} and until {@code to}. */
  synchronized LongStream gaps(long from, long to) {
    long[] times = tokenNanos.stream().mapToLong(Long::longValue).toArray();
    long[] gaps = new long[times.length];
    int count = 0;
    for (int i = 1; i < times.length; i++) {
      if (times[i] - from > 0 && times[i] - to <= 0) {
        gaps[count++] = times[i] - times[i - 1];
      }
    }
    return LongStream.of(Arrays.copyOf(gaps, count));
  }
}
