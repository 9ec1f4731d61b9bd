package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's client for JavaScript, as npm has it; skipped where there is no Node or no network. */
final class NodeClientIT {

  private static final Path SOURCE = Path.of("src/test/clients/openai");
  private static final Path HOME = Path.of("target/clients/openai");

  /** Of a fresh installation of one package. */
  private static final int PATIENCE_SECONDS = 180;

  @TempDir static Path models;

  @BeforeAll
  static void install() throws IOException, InterruptedException {
    Files.createDirectories(HOME);
    for (String file : List.of("package.json", "package-lock.json", "client.js")) {
      Files.write(HOME.resolve(file), Files.readAllBytes(SOURCE.resolve(file)));
    }
    assumeTrue(isThere("node") && isThere("npm"), "skipped: there is no Node or no npm");
    int status =
        run(List.of("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"), "npm.log");
    assumeTrue(status == 0, () -> "skipped: npm cannot install the client: " + log("npm.log"));
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return run(List.of(program, "--version"), program + ".log") == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static int run(List<String> command, String log)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(HOME.resolve(log).toFile())
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  private static String log(String name) {
    try {
      return Files.readString(HOME.resolve(name));
    } catch (IOException problem) {
      return problem.toString();
    }
  }

  @Test
  void getsWhatItAsksFor() throws IOException, InterruptedException {
    BuiltInServer.copyModels(models, "storyteller", "minilm");
    JsonNode seen;
    try (BuiltInServer server = BuiltInServer.serving(models)) {
      int status = run(List.of("node", "client.js", server.uri("/v1").toString()), "client.log");
      assertEquals(0, status, () -> log("client.log"));
      seen = BuiltInServer.json(log("client.log"));
    }
    assertTrue(seen.get("whole").asText().startsWith("A young mouse"), seen::toString);
    assertEquals("length", seen.get("finish").asText());
    assertEquals(40, seen.get("usage").asInt());
    assertEquals(seen.get("whole"), seen.get("streamed"));
    assertEquals(40, seen.get("streamedUsage").asInt());
    assertIsPaint(seen.get("streamedCall"));
    assertTrue(seen.get("argumentPieces").asInt() > 1, "arguments come in pieces");
    assertEquals("tool_calls", seen.get("streamedCallFinish").asText());
    assertTrue(seen.get("streamedLogprobs").asInt() > 5);
    assertIsPaint(seen.get("call"));
    assertEquals(3, seen.get("structured").size());
    seen.get("structured").forEach(list -> list.forEach(colour -> assertIsColour(colour.asText())));
    assertEquals(seen.get("completion"), seen.get("streamedCompletion"));
    assertEquals(5, seen.get("completionTokens").asInt());
    assertEquals("[384,384]", seen.get("embeddings").toString());
    assertEquals("[\"minilm\",\"storyteller\"]", seen.get("models").toString());
    assertEquals(
        "{\"status\":404,\"code\":\"model_not_found\"}", seen.get("unknownModel").toString());
    assertEquals(
        "{\"status\":400,\"code\":\"context_length_exceeded\"}", seen.get("tooLong").toString());
  }

  private static void assertIsPaint(JsonNode call) {
    assertEquals("paint", call.get("name").asText());
    assertIsColour(BuiltInServer.json(call.get("arguments").asText()).get("colour").asText());
  }

  private static void assertIsColour(String word) {
    assertTrue(Set.of("red", "blue").contains(word), word);
  }
}
