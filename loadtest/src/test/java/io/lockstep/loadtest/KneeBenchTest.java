package io.lockstep.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KneeBenchTest {

  @TempDir private Path out;

  @Test
  void drawsTheKneeOfAServer() throws IOException {
    try (FakeServer server = new FakeServer("/", FakeServer.answering(200, "{}"))) {
      assertEquals(
          0, run(server.url().toString(), "--target-p99", "10s", "--from", "10", "--most", "20"));
      JsonNode result = new ObjectMapper().readTree(out.resolve("result.json").toFile());
      JsonNode knee = result.path("knees").path(0);
      assertEquals(server.url().toString(), knee.path("server").asText());
      assertEquals("answer", knee.path("waiting_for").asText());
      assertEquals(10_000, knee.path("target_p99_ms").asDouble());
      assertEquals(2, result.path("measurements").size());
      assertTrue(result.path("conclusions").toString().contains("raise --most"));
      assertTrue(Files.readString(out.resolve("report.html")).contains("\"waiting_for\""));
    }
  }

  @Test
  void saysWhenAServerHoldsNoRate() throws IOException {
    try (FakeServer server = new FakeServer("/", FakeServer.answering(429, "{}"))) {
      assertEquals(
          1, run(server.url().toString(), "--target-p99", "50ms", "--from", "1", "--tries", "1"));
      String result = Files.readString(out.resolve("result.json"));
      assertTrue(result.contains("held no rate"));
    }
  }

  @Test
  void wantsADurationWithItsUnit() {
    assertEquals(CommandLine.ExitCode.USAGE, run("http://localhost:1", "--target-p99", "50"));
  }

  private int run(String url, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of("knee", "--url", url, "--seconds", "1", "--warm-up", "0", "--arrivals"));
    all.addAll(List.of("constant", "--out", out.toString()));
    all.addAll(List.of(arguments));
    return Main.commandLine().execute(all.toArray(String[]::new));
  }
}
