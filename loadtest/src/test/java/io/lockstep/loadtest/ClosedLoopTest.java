package io.lockstep.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {

  @Test
  void countsAnswersAndFailuresOfEveryClient() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/embeddings",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(requests.incrementAndGet() % 3 == 0 ? 429 : 200, -1);
          exchange.close();
        });
    server.start();
    try {
      URI url = URI.create("http://localhost:" + server.getAddress().getPort());
      ClosedLoop.Outcome outcome = new ClosedLoop(url, "m").run(2, Duration.ofMillis(200), 5);
      assertEquals(requests.get(), outcome.latencies().getTotalCount() + outcome.failures());
      assertEquals(requests.get() / 3, outcome.failures());
      assertTrue(outcome.requestsPerSecond() > 0);
    } finally {
      server.stop(0);
    }
  }
}
