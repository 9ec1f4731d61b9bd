package io.lockstep.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.api.FakeInferenceService.HeldCall;
import io.lockstep.server.api.RawClient;
import io.lockstep.server.api.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a request whose client hangs up while it waits behind a slow model. */
@Timeout(60)
final class DisconnectIT {

  private static final String PATH = "/v2/models/floats/infer";

  private static final byte[] BODY =
      """
      {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}\
      """
          .getBytes(StandardCharsets.UTF_8);

  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start();
    server.inference().hold(true);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void closingTheConnectionCancelsTheQueuedRequest() throws Exception {
    HeldCall call;
    try (RawClient client = new RawClient(server.port())) {
      client.post(PATH, "", BODY);
      call = server.inference().awaitHeld();
      assertFalse(call.cancelled().isDone());
    }
    assertTrue(call.cancelled().get(10, TimeUnit.SECONDS));
  }

  @Test
  void resettingTheConnectionCancelsTheQueuedRequest() throws Exception {
    RawClient client = new RawClient(server.port());
    client.post(PATH, "", BODY);
    HeldCall call = server.inference().awaitHeld();
    client.reset();
    assertTrue(call.cancelled().get(10, TimeUnit.SECONDS));
  }

  @Test
  void aPatientClientGetsItsAnswerAndKeepsItsConnection() throws Exception {
    try (RawClient client = new RawClient(server.port())) {
      for (int i = 0; i < 5; i++) {
        client.post(PATH, "", BODY);
        HeldCall call = server.inference().awaitHeld();
        call.release();
        assertOk(client.answer());
        assertFalse(call.cancelled().isDone());
      }
    }
  }

  @Test
  void aClientThatDoesNotWaitForAnswersGetsThemAll() throws Exception {
    try (RawClient client = new RawClient(server.port())) {
      client.post(PATH, "", BODY);
      HeldCall first = server.inference().awaitHeld();
      // The second request arrives while the first one's socket is watched, and in two pieces.
      client.send("POS");
      client.send("T " + PATH + " HTTP/1.1\nHost: test\nContent-Length: " + BODY.length + "\n\n");
      client.send(BODY);
      client.post(PATH, "", BODY);
      first.release();
      assertOk(client.answer());
      server.inference().awaitHeld().release();
      assertOk(client.answer());
      server.inference().awaitHeld().release();
      assertOk(client.answer());
      assertFalse(first.cancelled().isDone());
    }
  }

  private static void assertOk(String answer) throws IOException {
    assertEquals("HTTP/1.1 200 OK", answer.lines().findFirst().orElse("nothing"));
    assertTrue(answer.endsWith("\"data\":[1.0,2.0,3.0]}]}"), answer);
  }
}
