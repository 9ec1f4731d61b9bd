package io.lockstep.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HttpBenchTest {

  @TempDir private Path out;

  @Test
  void measuresServersInTurnsAndWritesAPageThatNeedsNoNetwork() throws IOException {
    try (FakeServer one = new FakeServer("/", FakeServer.answering(200, "{}"));
        FakeServer other = new FakeServer("/", FakeServer.answering(429, "{}"))) {
      assertEquals(
          0, run("--url", one.url().toString(), "--url", other.url().toString(), "--rates", "20"));
    }
    JsonNode result = new ObjectMapper().readTree(out.resolve("result.json").toFile());
    JsonNode first = result.path("measurements").path(0);
    JsonNode second = result.path("measurements").path(1);
    assertEquals(0, first.path("rejected").asInt());
    assertTrue(first.path("answered_per_second").asDouble() > 0);
    assertTrue(first.path("latency").path("p99_9_ms").asDouble() > 0);
    assertEquals(0, second.path("answered").asInt());
    assertTrue(second.path("rejected").asInt() > 0);
    String page = Files.readString(out.resolve("report.html"));
    assertTrue(page.contains("new uPlot") && page.contains(first.path("server").asText()));
    assertFalse(page.contains("src=") || page.contains("<link"));
  }

  @Test
  void failuresShowInTheExitStatus() throws IOException {
    try (FakeServer server = new FakeServer("/", FakeServer.answering(500, "{}"))) {
      assertEquals(1, run("--url", server.url().toString(), "--clients", "1"));
    }
  }

  @Test
  void wantsALoad() {
    assertEquals(CommandLine.ExitCode.USAGE, run("--url", "http://localhost:1"));
  }

  private int run(String... arguments) {
    CommandLine bench = Main.commandLine();
    String[] all = new String[arguments.length + 7];
    System.arraycopy(
        new String[] {"http", "--seconds", "1", "--warm-up", "0", "--out", out.toString()},
        0,
        all,
        0,
        7);
    System.arraycopy(arguments, 0, all, 7, arguments.length);
    return bench.execute(all);
  }
}
