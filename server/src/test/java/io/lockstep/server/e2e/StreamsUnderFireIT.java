package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.server.api.RawClient;
import io.lockstep.server.fakes.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hundred streams of the built-in language model join, leave and are killed as chance has it,
 * in a cache with room for a few of them: what is read to its end is as alone, and nothing leaks.
 */
@Timeout(180)
final class StreamsUnderFireIT {

  private static final int STREAMS = 200;
  private static final int AT_ONCE = 40;
  private static final int REQUESTS = 12;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final List<String> HEROES = List.of("mouse", "fox", "girl", "bear");

  /** How a client ends its stream. */
  private enum Fate {
    READ_ALL,
    LEAVE,
    RESET,
    RESET_WHILE_SENDING
  }

  /** One client: which request it sends, and after how many events it goes, if it goes. */
  private record Client(int request, Fate fate, int events) {}

  @Test
  void everyFinishedTextIsAsAloneAndNothingLeaks(@TempDir Path folder) throws IOException {
    BuiltInServer.copyModels(folder, "storyteller");
    Files.writeString(
        folder.resolve("storyteller/model.yaml"),
        "generation: { kv_cache: 3MiB, max_sequences: 24 }\n");
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      List<String> lone = new ArrayList<>();
      for (int request = 0; request < REQUESTS; request++) {
        lone.add(
            BuiltInServer.json(server.posted("/v1/completions", body(request, false)))
                .at("/choices/0/text")
                .asText());
      }
      Seeds.forAll(1, random -> storm(server, clients(random), lone));
      awaitSeries(server, "lockstep_kv_blocks_used", 0);
      awaitSeries(server, "lockstep_generation_sequences_running", 0);
      awaitSeries(server, "lockstep_generation_sequences_waiting", 0);
      awaitSeries(server, "lockstep_queue_rows", 0);
      assertTrue(series(server, "lockstep_cancellations_total") > 0, "those who left are counted");
    }
  }

  private static List<Client> clients(Random random) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Fate fate =
          random.nextBoolean()
              ? Fate.READ_ALL
              : Fate.values()[random.nextInt(Fate.values().length)];
      clients.add(new Client(random.nextInt(REQUESTS), fate, random.nextInt(30)));
    }
    return clients;
  }

  private static void storm(BuiltInServer server, List<Client> clients, List<String> lone) {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> all = new ArrayList<>();
      for (Client client : clients) {
        all.add(
            threads.submit(() -> {
              act(server.uri("/").getPort(), client, lone.get(client.request()));
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (Exception problem) {
      throw new AssertionError(problem);
    }
  }

  private static void act(int port, Client client, String lone) throws IOException {
    byte[] body = body(client.request(), true).getBytes(StandardCharsets.UTF_8);
    try (RawClient socket = new RawClient(port)) {
      if (client.fate() == Fate.RESET_WHILE_SENDING) {
        socket.send("POST /v1/completions HTTP/1.1\nHost: x\nContent-Length: 1000\n\n{\"model\":");
        socket.reset();
        return;
      }
      socket.post("/v1/completions", "", body);
      boolean readsAll = client.fate() == Fate.READ_ALL;
      String text = read(socket, readsAll ? Integer.MAX_VALUE : client.events());
      if (readsAll) {
        assertEquals(lone, text);
      } else {
        assertTrue(lone.startsWith(text), "what came before the end is right");
      }
      if (client.fate() == Fate.RESET) {
        socket.reset();
      }
    }
  }

  /** The text of so many events, or of all that there are. */
  private static String read(RawClient socket, int events) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int event = 0; event < events; ) {
      String line = socket.line();
      assertNotNull(line, "the answer ends with a mark");
      if (line.equals("data: [DONE]")) {
        return text.toString();
      }
      if (line.startsWith("data: ")) {
        JsonNode chunk = BuiltInServer.json(line.substring(6));
        assertTrue(chunk.has("choices"), line);
        text.append(chunk.at("/choices/0/text").asText());
        event++;
      }
    }
    return text.toString();
  }

  private static String body(int request, boolean stream) {
    return """
    {"model": "storyteller", "prompt": "Tell me a story about a %s.", "max_tokens": %d,
     "temperature": %s, "seed": %d, "ignore_eos": %b, "stream": %b}
    """
        .formatted(
            HEROES.get(request % HEROES.size()),
            20 + 12 * request,
            request % 3 == 0 ? "0" : "0.9",
            request,
            request % 2 == 0,
            stream);
  }

  private static void awaitSeries(BuiltInServer server, String name, double value) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (series(server, name) != value && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(value, series(server, name), name);
  }

  /** The sum of a metric's series of the model. */
  private static double series(BuiltInServer server, String name) {
    List<String> lines =
        server
            .get("/metrics")
            .body()
            .lines()
            .filter(line -> line.startsWith(name + "{") && line.contains("\"storyteller\""))
            .toList();
    assertTrue(!lines.isEmpty(), "no metric " + name);
    return lines.stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
