package io.lockstep.loadtest.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import io.lockstep.loadtest.FakeServer;
import io.lockstep.loadtest.generator.Sample.Result;
import io.lockstep.loadtest.traffic.Scenario;
import io.lockstep.loadtest.traffic.Traffic;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StreamGeneratorTest {

  private static final String ROLE =
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"fox\"}}]}\n\n";
  private static final String LAST =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  @Test
  void notesTheTimeOfEveryToken() throws Exception {
    List<Sample> samples =
        run(streaming(ROLE, TOKEN, ": still here\n\n", TOKEN, TOKEN, LAST, DONE));

    assertEquals(10, samples.size());
    for (Sample sample : samples) {
      assertEquals(Result.ANSWERED, sample.result());
      List<Long> tokens = sample.stream().tokens();
      assertEquals(3, tokens.size());
      assertTrue(sample.sent() >= sample.intended());
      assertTrue(tokens.getFirst() > sample.sent() - sample.intended());
      assertTrue(tokens.getFirst() <= tokens.get(1) && tokens.get(1) <= tokens.get(2));
      assertTrue(tokens.getLast() <= sample.latency());
    }
  }

  @Test
  void aTokenIsNotedWhenItComesAndNotWithTheEndOfTheStream() throws Exception {
    Semaphore others = new Semaphore(0);
    AtomicInteger begun = new AtomicInteger();
    List<Sample> samples =
        run(exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          out.write(TOKEN.getBytes(StandardCharsets.UTF_8));
          out.flush();
          // No stream ends before the last one has begun.
          if (begun.incrementAndGet() == 10) {
            others.release(10);
          }
          others.acquireUninterruptibly();
          out.write((TOKEN + DONE).getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });

    Sample first =
        samples.stream().min((a, b) -> Long.compare(a.intended(), b.intended())).orElseThrow();
    Sample last =
        samples.stream().max((a, b) -> Long.compare(a.intended(), b.intended())).orElseThrow();
    long wait = last.intended() - first.intended();
    assertTrue(first.stream().tokens().getLast() >= wait);
    assertTrue(first.stream().tokens().getFirst() < first.stream().tokens().getLast());
  }

  @Test
  void aStreamWithoutItsEndHasFailed() throws Exception {
    List<Sample> samples = run(streaming(ROLE, TOKEN));

    assertTrue(samples.stream().allMatch(sample -> sample.result() == Result.FAILED));
  }

  @Test
  void aRefusedStreamIsRejected() throws Exception {
    List<Sample> samples = run(FakeServer.answering(429, "{\"error\":{\"content\":\"full\"}}"));

    assertTrue(samples.stream().allMatch(sample -> sample.result() == Result.REJECTED));
  }

  @Test
  void clientsOfAClosedLoopReadOneStreamAtATime() throws Exception {
    try (FakeServer server = new FakeServer("/v1/chat", streaming(TOKEN, DONE))) {
      List<Sample> samples = run(server.url(), new Load.Closed(2), Duration.ofSeconds(2));

      assertTrue(samples.size() > 2);
      assertTrue(samples.stream().allMatch(sample -> sample.result() == Result.ANSWERED));
    }
  }

  @Test
  void onlyEventsWithTextAreTokens() {
    assertTrue(StreamGenerator.isToken(TOKEN.strip()));
    assertTrue(StreamGenerator.isToken("data: {\"choices\":[{\"text\":\"fox\"}]}"));
    assertFalse(StreamGenerator.isToken(ROLE.strip()));
    assertFalse(StreamGenerator.isToken(LAST.strip()));
    assertFalse(StreamGenerator.isToken(DONE.strip()));
  }

  private static HttpHandler streaming(String... events) {
    return FakeServer.answering(200, String.join("", events));
  }

  private static List<Sample> run(HttpHandler handler) throws Exception {
    try (FakeServer server = new FakeServer("/v1/chat", handler)) {
      return run(server.url(), new Load.Open(Arrivals.CONSTANT, 20), Duration.ofMillis(500));
    }
  }

  private static List<Sample> run(URI server, Load load, Duration duration) throws Exception {
    Traffic traffic = Scenario.CHAT.of(server, "m", new Scenario.Sizes(5, 1, 4, 8));
    return LoadGenerator.run(new Stage(server, traffic, load, duration, 4));
  }
}
