package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.e2e.MixedRequests.Asked;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that are loaded anew, again and again, while clients ask them. */
final class ReloadUnderLoadIT {

  private static final int CLIENTS = 4;

  /** After these the compiler and the allocators have taken most of what they keep. */
  private static final int FIRST_RELOADS = 4;

  private static final int RELOADS_OF_A_ROUND = 8;

  /** A compiler's working memory may fall into a round; a leak falls into every one of them. */
  private static final int MAX_ROUNDS = 5;

  /** A third of what a round of reloads would leave if each kept one copy of MiniLM's weights. */
  private static final long RESIDENT_SLACK = 64L << 20;

  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ ");

  private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]+)");

  private static final String ORDERS =
      """
      {"instances":[[1.6,6,20.75,6,0,18.9,19,2],[5.4,2,20.25,3,0,-2.5,18,8]]}\
      """;

  @TempDir static Path folder;

  /** What a model holds: bytes by the server's own books, and mappings of its file. */
  private record Held(long weights, long mapped, long mappings) {}

  @Test
  @Timeout(240)
  void noRequestFailsAndMemoryReturnsToItsLevel() throws Exception {
    BuiltInServer.copyModels(folder, "minilm", "delivery-time");
    List<Asked> requests = new ArrayList<>(MixedRequests.of(3, 30));
    requests.add(new Asked("/v1/models/delivery-time:predict", ORDERS));
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      AtomicBoolean enough = new AtomicBoolean();
      AtomicInteger answers = new AtomicInteger();
      Held early;
      Held late;
      int reloads = FIRST_RELOADS;
      List<Long> resident = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
          int first = client * 7;
          clients.add(
              threads.submit(() -> {
                for (int i = first; !enough.get(); i++) {
                  Asked asked = requests.get(i % requests.size());
                  server.posted(asked.path(), asked.body());
                  answers.incrementAndGet();
                }
              }));
        }
        try {
          reload(server, FIRST_RELOADS);
          early = held(server);
          resident.add(anonymousBytes());
          do {
            reload(server, RELOADS_OF_A_ROUND);
            reloads += RELOADS_OF_A_ROUND;
            resident.add(anonymousBytes());
          } while (grown(resident) >= RESIDENT_SLACK && resident.size() <= MAX_ROUNDS);
        } finally {
          enough.set(true);
        }
        for (Future<?> client : clients) {
          client.get();
        }
        late = held(server);
      }
      System.out.printf(
          "%d answers over %d reloads; minilm holds %s, before %s; "
              + "resident without the Java heap, by rounds: %s MB%n",
          answers.get(),
          reloads,
          late,
          early,
          resident.stream().map(bytes -> bytes >> 20).toList());
      assertEquals(early, late);
      assertTrue(
          grown(resident) < RESIDENT_SLACK, "resident bytes grew in every round: " + resident);
      unload(server, "minilm");
      unload(server, "delivery-time");
      assertEquals(new Held(0, 0, 0), held(server));
      assertEquals(0, server.memoryBytes("minilm", "activations"));
    }
  }

  private static void reload(BuiltInServer server, int times) {
    for (int i = 0; i < times; i++) {
      server.posted("/v2/repository/models/minilm/load", "");
      server.posted("/v2/repository/models/delivery-time/load", "");
    }
  }

  /** What the last round added. */
  private static long grown(List<Long> resident) {
    return resident.getLast() - resident.get(resident.size() - 2);
  }

  private static void unload(BuiltInServer server, String model) {
    server.posted("/v2/repository/models/" + model + "/unload", "");
    assertTrue(server.get("/v2/models/" + model + "/ready").statusCode() != 200);
  }

  private static Held held(BuiltInServer server) throws IOException {
    return new Held(
        server.memoryBytes("minilm", "weights"),
        server.memoryBytes("minilm", "mapped"),
        mappings(folder.resolve("minilm")));
  }

  /** How often this process maps a file of the folder; 0 where the system does not tell. */
  private static long mappings(Path models) throws IOException {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.exists(maps)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.filter(line -> line.contains(models.toString())).count();
    }
  }

  /** Resident bytes of no file and not of the Java heap; 0 where the system does not tell. */
  private static long anonymousBytes() throws Exception {
    Path maps = Path.of("/proc/self/smaps");
    if (!Files.exists(maps)) {
      return 0;
    }
    LongSummaryStatistics heap = heapAddresses();
    long bytes = 0;
    boolean counted = false;
    for (String line : Files.readAllLines(maps)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.lookingAt()) {
        long start = Long.parseUnsignedLong(mapping.group(1), 16);
        counted = start < heap.getMin() || start > heap.getMax();
      } else if (counted && line.startsWith("Anonymous:")) {
        bytes += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return bytes;
  }

  /**
   * The addresses that the JVM names for its heap, lowest and highest. What it has committed is no
   * measure: pages become resident only as objects reach them.
   */
  private static LongSummaryStatistics heapAddresses() throws Exception {
    Object info =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcHeapInfo",
                new Object[0],
                new String[0]);
    return ADDRESS
        .matcher((String) info)
        .results()
        .mapToLong(address -> Long.parseUnsignedLong(address.group(1), 16))
        .summaryStatistics();
  }
}
