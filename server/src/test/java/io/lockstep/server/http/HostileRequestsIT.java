package io.lockstep.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.server.api.HostileRequests;
import io.lockstep.server.api.HostileRequests.Hostile;
import io.lockstep.server.api.RawClient;
import io.lockstep.server.api.TestServer;
import io.lockstep.server.fakes.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Malformed requests of every kind: each is refused in JSON, and none hurts the server. */
@Timeout(300)
final class HostileRequestsIT {

  private static final int REQUESTS = 1500;

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyMalformedRequestIsRefusedAndNoneIsAFaultOfTheServer() throws Exception {
    try (TestServer server = TestServer.start()) {
      HostileRequests requests = new HostileRequests(URI.create(server.url()), "floats");
      Seeds.forAll(REQUESTS, random -> check(requests, random, server.port()));
      try (RawClient client = new RawClient(server.port())) {
        client.send("GET /v2/health/ready HTTP/1.1\nHost: test\n\n");
        assertEquals("HTTP/1.1 200 OK", client.answer().lines().findFirst().orElse(""));
      }
    }
  }

  private static void check(HostileRequests requests, Random random, int port) {
    Hostile request = requests.next(random);
    try (RawClient client = new RawClient(port)) {
      client.send(request.wire());
      client.finish();
      assertRefused(request, client.answer());
    } catch (IOException problem) {
      throw new UncheckedIOException(request.kind(), problem);
    }
  }

  private static void assertRefused(Hostile request, String answer) throws IOException {
    assertTrue(answer.startsWith("HTTP/1.1 "), () -> request.kind() + " was answered: " + answer);
    int status = Integer.parseInt(answer.substring(9, 12));
    assertTrue(
        request.fatal() ? status >= 400 && status < 500 : status < 500,
        () -> request.kind() + " was answered: " + answer);
    if (status >= 400) {
      String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      JsonNode error = JSON.readTree(body).path("error");
      assertTrue(
          error.isTextual() || error.path("message").isTextual(),
          () -> request.kind() + " was answered: " + answer);
      assertTrue(!body.contains("Exception") && !body.contains("java."), () -> body);
    }
  }
}
