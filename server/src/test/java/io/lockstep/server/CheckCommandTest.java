package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.config.ConfigText;
import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} prints, and how it ends. */
final class CheckCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int check(String... arguments) {
    String[] all = Stream.concat(Stream.of("check"), Stream.of(arguments)).toArray(String[]::new);
    return new Commands(List.of(new CheckCommand()), new PrintWriter(out), new PrintWriter(err))
        .run(all);
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void printsTheConfigurationThatResults() throws IOException {
    Path file = write("server.yaml", "batching:\n  max_queue_size: 7\n");

    assertEquals(0, check("--config", file.toString()));

    assertTrue(out.toString().contains("max_queue_size: 7"), out.toString());
    assertEquals("no problems\n", err.toString());
  }

  @Test
  void printsTheDefaultsWithoutAFile() {
    assertEquals(0, check());

    assertEquals(ConfigText.of(ServerConfig.DEFAULTS), out.toString());
  }

  @Test
  void printsEveryMistakeOfServerAndModelsWithItsLine() throws IOException {
    Path file = write("server.yaml", "server:\n  port: 99999\nbaching:\n  max_batch_size: 4\n");
    Path model = write("models/net/model.yaml", "description: a net\ninstances: 0\n");

    assertEquals(
        1, check("--config", file.toString(), "--models", folder.resolve("models").toString()));

    String[] lines = err.toString().split("\n", -1);
    assertTrue(lines[0].startsWith(file + ":2: "), err.toString());
    assertTrue(lines[1].startsWith(file + ":3: "), err.toString());
    assertTrue(lines[1].contains("did you mean 'batching'"), err.toString());
    assertTrue(lines[2].startsWith(model + ":2: "), err.toString());
    assertEquals("problems: 3", lines[3]);
    assertTrue(out.toString().contains("port: 8080"), "the rest is as it would be");
  }
}
