package io.lockstep.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.serving.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApiKeysTest {

  @TempDir private Path folder;

  private ApiKeys keys(String lines) throws IOException {
    return ApiKeys.read(Files.writeString(folder.resolve("keys"), lines).toString());
  }

  @Test
  void everybodyIsLetInWithoutAFile() {
    assertFalse(ApiKeys.read("").areNeeded());
  }

  @Test
  void keysHaveOwnersWithWeights() throws IOException {
    ApiKeys keys =
        keys("# a comment\nsearch key-number-1\nsearch key-number-2\n\nbatch k3k3k3k3 5");
    assertTrue(keys.areNeeded());
    assertEquals(Optional.of(new Tenant("search", 1)), keys.owner("key-number-1"));
    assertEquals(Optional.of(new Tenant("search", 1)), keys.owner("key-number-2"));
    assertEquals(Optional.of(new Tenant("batch", 5)), keys.owner("k3k3k3k3"));
    assertEquals(Optional.empty(), keys.owner("key-number-3"));
  }

  @Test
  void mistakesAreNamedByTheirLineAndWithoutTheKey() {
    assertMistake("alone", ":1: expected a name, a key and perhaps a weight");
    assertMistake("# x\na key-number-1 0", ":2: a weight must be 1 to 1000 but is '0'");
    assertMistake("a key-number-1 much", ":1: a weight must be 1 to 1000 but is 'much'");
    assertMistake("a short", ":1: the key of 'a' has less than 8 characters");
    assertMistake("a key-number-1\nb key-number-1", ":2: the key of 'b' is there already");
    assertMistake("a key-number-1\na key-number-2 2", ":2: 'a' has another weight above");
    assertMistake("# nothing", ": has no keys, so that nobody could use the server");
  }

  private void assertMistake(String lines, String end) {
    ConfigException problem = assertThrows(ConfigException.class, () -> keys(lines));
    assertEquals(folder.resolve("keys") + end, problem.getMessage());
  }

  @Test
  void theCheckOfTheConfigurationReadsTheFile() {
    ConfigCheck.Report report =
        ConfigCheck.server(
            null, Map.of("LOCKSTEP_SERVER_API_KEYS", folder.resolve("none").toString()));
    assertEquals(
        List.of("server: api_keys: cannot read the file " + folder.resolve("none")),
        report.problems());
  }
}
