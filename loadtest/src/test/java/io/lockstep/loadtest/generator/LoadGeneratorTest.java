package io.lockstep.loadtest.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.FakeServer;
import io.lockstep.loadtest.generator.Sample.Result;
import io.lockstep.loadtest.traffic.Scenario;
import io.lockstep.loadtest.traffic.Traffic;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

  private static final Scenario.Sizes SIZES = new Scenario.Sizes(5, 1, 4, 8);

  @Test
  void sendsEveryArrivalOfAnOpenLoopWithABodyOfItsOwn() throws Exception {
    Set<String> bodies = ConcurrentHashMap.newKeySet();
    try (FakeServer server =
        new FakeServer(
            "/v1/embeddings",
            exchange -> {
              bodies.add(
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
              FakeServer.answering(200, "{}").handle(exchange);
            })) {
      Load.Open load = new Load.Open(Arrivals.BURSTY, 60);
      Duration duration = Duration.ofMillis(1500);

      List<Sample> samples = run(server.url(), load, duration);

      assertEquals(load.times(duration, 4).length, samples.size());
      assertEquals(samples.size(), bodies.size());
      assertTrue(samples.stream().allMatch(sample -> sample.result() == Result.ANSWERED));
      assertTrue(samples.stream().allMatch(s -> s.sent() >= s.intended() && s.done() > s.sent()));
    }
  }

  @Test
  void aServerThatStallsIsChargedFromTheIntendedStart() throws Exception {
    Semaphore gate = new Semaphore(0);
    AtomicInteger arrived = new AtomicInteger();
    int expected = new Load.Open(Arrivals.CONSTANT, 20).times(Duration.ofSeconds(1), 4).length;
    try (FakeServer server =
        new FakeServer(
            "/v1/embeddings",
            exchange -> {
              // Nobody is answered before the last request has arrived: an open loop goes on.
              if (arrived.incrementAndGet() == expected) {
                gate.release(expected);
              }
              gate.acquireUninterruptibly();
              FakeServer.answering(200, "{}").handle(exchange);
            })) {
      List<Sample> samples =
          run(server.url(), new Load.Open(Arrivals.CONSTANT, 20), Duration.ofSeconds(1));

      Sample first =
          samples.stream().min((a, b) -> Long.compare(a.intended(), b.intended())).orElseThrow();
      Sample last =
          samples.stream().max((a, b) -> Long.compare(a.intended(), b.intended())).orElseThrow();
      assertTrue(first.latency() >= last.intended() - first.intended());
    }
  }

  @Test
  void tellsRejectedRequestsFromFailedOnes() throws Exception {
    int[] statuses = {200, 429, 503, 500, 404};
    AtomicInteger requests = new AtomicInteger();
    try (FakeServer server =
        new FakeServer(
            "/v1/embeddings",
            exchange ->
                FakeServer.answering(statuses[requests.getAndIncrement() % 5], "{}")
                    .handle(exchange))) {
      List<Sample> samples =
          run(server.url(), new Load.Open(Arrivals.CONSTANT, 100), Duration.ofSeconds(1));

      assertEquals(20, count(samples, Result.ANSWERED));
      assertEquals(40, count(samples, Result.REJECTED));
      assertEquals(40, count(samples, Result.FAILED));
    }
  }

  @Test
  void aClientOfAClosedLoopWaitsForItsAnswer() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (FakeServer server =
        new FakeServer(
            "/v1/embeddings",
            exchange -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              // Before the answer goes out: a client may have sent its next request after it.
              inside.decrementAndGet();
              FakeServer.answering(200, "{}").handle(exchange);
            })) {
      List<Sample> samples = run(server.url(), new Load.Closed(3), Duration.ofSeconds(2));

      assertTrue(samples.size() > 3);
      assertTrue(most.get() <= 3);
    }
  }

  @Test
  void nobodyAtThePortIsAFailure() throws Exception {
    URI nobody;
    try (FakeServer server = new FakeServer("/", FakeServer.answering(200, ""))) {
      nobody = server.url();
    }
    List<Sample> samples =
        run(nobody, new Load.Open(Arrivals.CONSTANT, 10), Duration.ofMillis(500));

    assertEquals(5, count(samples, Result.FAILED));
  }

  private static List<Sample> run(URI server, Load load, Duration duration) throws Exception {
    Traffic traffic = Scenario.EMBEDDINGS.of(server, "m", SIZES);
    return LoadGenerator.run(new Stage(server, traffic, load, duration, 4));
  }

  private static long count(List<Sample> samples, Result result) {
    return samples.stream().filter(sample -> sample.result() == result).count();
  }
}
