package io.lockstep.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lockstep.loadtest.search.BatchSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunedModelTest {

  private static final BatchSettings SETTINGS = new BatchSettings(8, Duration.ofMillis(2));

  @TempDir private Path from;
  @TempDir private Path to;

  @Test
  void copiesAModelAndKeepsItsOtherSettings() throws IOException {
    Path model = Files.createDirectories(from.resolve("m").resolve("1")).getParent();
    Files.writeString(model.resolve("1").resolve("model.onnx"), "weights");
    String before = "task: embedding\nbatching:\n  max_queue_size: 7\n  max_batch_size: 99\n";
    Files.writeString(model.resolve("model.yaml"), before);

    TunedModel.write(from, "m", SETTINGS, to);

    assertEquals("weights", Files.readString(to.resolve("m/1/model.onnx")));
    JsonNode yaml = new YAMLMapper().readTree(Files.readString(to.resolve("m/model.yaml")));
    assertEquals("embedding", yaml.path("task").asText());
    assertEquals(7, yaml.at("/batching/max_queue_size").asInt());
    assertEquals(8, yaml.at("/batching/max_batch_size").asInt());
    assertEquals("2ms", yaml.at("/batching/max_queue_delay").asText());
    assertEquals(before, Files.readString(model.resolve("model.yaml")));
  }

  @Test
  void aModelNeedsNoSettingsOfItsOwn() throws IOException {
    Files.createDirectories(from.resolve("m"));

    TunedModel.write(from, "m", SETTINGS, to);

    JsonNode yaml = new YAMLMapper().readTree(Files.readString(to.resolve("m/model.yaml")));
    assertEquals(8, yaml.at("/batching/max_batch_size").asInt());
  }

  @Test
  void saysWhichFolderIsMissing() {
    IOException error =
        assertThrows(IOException.class, () -> TunedModel.write(from, "other", SETTINGS, to));

    assertEquals(
        from.resolve("other") + ": expected a folder with the versions of a model",
        error.getMessage());
  }
}
