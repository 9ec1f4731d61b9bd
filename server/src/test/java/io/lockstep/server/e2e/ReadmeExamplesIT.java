package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The curl commands of the README answer what the README says they do. */
final class ReadmeExamplesIT {

  /** A command up to its body, and the answer in the indented block behind it. */
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "    curl -s localhost:8080(\\S+)[^']*(?:'Content-Type[^']*'[^']*)?-d '([^']+)'\n\n    ([\\[{].*)\n");

  @TempDir Path folder;

  /** One command of the README. */
  private record Example(String path, String body, JsonNode answer) {}

  private static List<Example> examples() throws Exception {
    String readme = Files.readString(Path.of(System.getProperty("lockstep.root"), "README.md"));
    List<Example> found = new ArrayList<>();
    for (Matcher match = EXAMPLE.matcher(readme); match.find(); ) {
      found.add(new Example(match.group(1), match.group(2), BuiltInServer.json(match.group(3))));
    }
    return found;
  }

  @Test
  void everyCommandIsAnsweredAsTheReadmeSays() throws Exception {
    List<Example> examples = examples();
    assertTrue(examples.size() >= 4, examples.size() + " examples found");
    BuiltInServer.copyModels(folder, "minilm", "delivery-time");
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      for (Example example : examples) {
        JsonNode answer = BuiltInServer.json(server.posted(example.path(), example.body()));
        assertAlike(example.answer(), answer, example.path());
      }
    }
  }

  /** The same JSON; numbers may differ as much as other vector widths make them. */
  private static void assertAlike(JsonNode expected, JsonNode actual, String what) {
    assertEquals(expected.getNodeType(), actual.getNodeType(), what);
    assertEquals(expected.size(), actual.size(), what);
    if (expected.isNumber()) {
      double scale = Math.max(1, Math.abs(expected.asDouble()));
      assertEquals(expected.asDouble(), actual.asDouble(), 2e-3 * scale, what);
    } else if (expected.isValueNode()) {
      assertEquals(expected, actual, what);
    } else if (expected.isArray()) {
      for (int i = 0; i < expected.size(); i++) {
        assertAlike(expected.get(i), actual.get(i), what + "/" + i);
      }
    } else {
      expected
          .properties()
          .forEach(field -> {
            JsonNode other = actual.path(field.getKey());
            assertAlike(field.getValue(), other, what + "/" + field.getKey());
          });
    }
  }
}
