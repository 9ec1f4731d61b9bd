package io.lockstep.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigCheckTest {

  @TempDir Path folder;

  @Test
  void findsEveryProblemWithItsLineAndKeepsTheRest() throws IOException {
    Path file =
        write(
            """
            server:
              port: 99999
              host: "::1"
            # not a section
            baching:
              max_batch_size: 4
            batching:
              max_batch_sise: 4
              max_queue_delay: 5 minutes
              max_queue_size: 7
            """);

    ConfigCheck.Report report = ConfigCheck.server(file, Map.of("LOCKSTEP_LIMITS_MAX_TEXTS", "x"));

    assertEquals(5, report.problems().size(), report.problems()::toString);
    assertProblem(report, 0, file + ":2: ", "port must be 0 to 65535");
    assertProblem(report, 1, file + ":5: ", "did you mean 'batching'");
    assertProblem(report, 2, file + ":8: ", "did you mean 'max_batch_size'");
    assertProblem(report, 3, file + ":9: ", "expected a duration");
    assertProblem(report, 4, "LOCKSTEP_LIMITS_MAX_TEXTS: ", "expected a whole number");
    assertEquals("::1", report.effective().server().host());
    assertEquals(7, report.effective().batching().maxQueueSize());
    assertEquals(8080, report.effective().server().port());
  }

  @Test
  void namesTheLineOfAFileThatIsNoYaml() throws IOException {
    Path file = write("server:\n  port: 1\n  port: 2\n");

    List<String> problems = ConfigCheck.server(file, Map.of()).problems();

    assertEquals(1, problems.size());
    assertTrue(problems.getFirst().startsWith(file + ":3: "), problems.getFirst());
  }

  @Test
  void variablesComeOverTheFile() throws IOException {
    Path file = write("server:\n  port: 1\n");

    ConfigCheck.Report report = ConfigCheck.server(file, Map.of("LOCKSTEP_SERVER_PORT", "2"));

    assertEquals(List.of(), report.problems());
    assertEquals(2, report.effective().server().port());
  }

  @Test
  void findsEveryProblemOfAModel() throws IOException {
    Path file = write("instances: 0\nbatching:\n  mode: sometimes\n");

    List<String> problems = ConfigCheck.model(file);

    assertEquals(2, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith(file + ":1: "), problems.get(0));
    assertTrue(problems.get(1).startsWith(file + ":3: "), problems.get(1));
  }

  @Test
  void whatIsWrittenReadsBackAsTheSame() throws IOException {
    ServerConfig config =
        ServerConfig.DEFAULTS.withServer(
            new ServerConfig.Server(
                "a \"b\"", 1, Duration.ofMillis(1500), Duration.ofNanos(7000), ""));

    assertEquals(config, ConfigLoader.server(write(ConfigText.of(config)), Map.of()));
  }

  private static void assertProblem(
      ConfigCheck.Report report, int index, String start, String part) {
    String problem = report.problems().get(index);
    assertTrue(problem.startsWith(start) && problem.contains(part), problem);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("file.yaml"), text);
  }
}
