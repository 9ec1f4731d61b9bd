package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.api.HostileRequests;
import io.lockstep.server.api.HostileRequests.Hostile;
import io.lockstep.server.api.RawClient;
import io.lockstep.server.fakes.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Malformed requests to the whole server: it refuses them, holds nothing, and goes on answering.
 */
final class HostileClientsIT {

  private static final int REQUESTS = 800;

  private static final String SENTENCE =
      "{\"model\":\"minilm\",\"encoding_format\":\"base64\",\"input\":\"a man plays a guitar\"}";

  @TempDir static Path folder;

  @Test
  @Timeout(120)
  void malformedRequestsAreRefusedAndLeaveNothingBehind() {
    BuiltInServer.copyModels(folder, "minilm", "delivery-time");
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      String answer = server.posted("/v1/embeddings", SENTENCE);
      List<Long> held = held(server);
      TreeMap<Integer, Integer> statuses = new TreeMap<>();
      for (String model : List.of("minilm", "delivery-time")) {
        HostileRequests requests = new HostileRequests(server.uri("/"), model);
        Seeds.forAll(
            REQUESTS / 2,
            random ->
                statuses.merge(status(requests.next(random), server.uri("/")), 1, Integer::sum));
      }
      System.out.println("malformed requests by status: " + statuses);
      assertEquals(held, held(server));
      assertEquals(answer, server.posted("/v1/embeddings", SENTENCE));
    }
  }

  private static int status(Hostile request, URI server) {
    try (RawClient client = new RawClient(server.getPort())) {
      client.send(request.wire());
      client.finish();
      String answer = client.answer();
      assertTrue(answer.startsWith("HTTP/1.1 "), () -> request.kind() + " was answered: " + answer);
      int status = Integer.parseInt(answer.substring(9, 12));
      assertTrue(
          status < 500 && (status >= 400 || !request.fatal()),
          () -> request.kind() + " was answered: " + answer);
      return status;
    } catch (IOException problem) {
      throw new UncheckedIOException(request.kind(), problem);
    }
  }

  /** Native bytes of every kind that the models hold. */
  private static List<Long> held(BuiltInServer server) {
    return Stream.of("minilm", "delivery-time")
        .flatMap(model ->
            Stream.of("weights", "mapped", "activations")
                .map(kind -> server.memoryBytes(model, kind)))
        .toList();
  }
}
