package io.lockstep.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The repository that the build lays out holds what a server needs, and another engine agrees. */
final class RepositoryModelsTest {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("lockstep.models"), "repository");

  @ParameterizedTest
  @ValueSource(strings = {"delivery-time", "hourly-demand"})
  void onnxRuntimeAgreesWithTheGoldens(String name) throws IOException, OrtException {
    JsonNode golden =
        new ObjectMapper().readTree(REPOSITORY.resolve(name + "/1/golden.json").toFile());
    var input = golden.get("inputs").properties().iterator().next();
    JsonNode output = golden.get("outputs").elements().next();
    float[] actual;
    try (var model = new OnnxRuntimeModel(REPOSITORY.resolve(name + "/1/model.onnx"))) {
      actual = model.run(input.getKey(), data(input.getValue()), shape(input.getValue()));
    }
    JsonNode expected = output.get("data");
    assertEquals(expected.size(), actual.length);
    for (int i = 0; i < actual.length; i++) {
      double value = expected.get(i).doubleValue();
      assertEquals(value, actual[i], 1e-5 * Math.abs(value), name + ": output " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"delivery-time", "hourly-demand"})
  void rowsAloneGiveWhatTheyGiveTogether(String name) throws IOException, OrtException {
    JsonNode golden =
        new ObjectMapper().readTree(REPOSITORY.resolve(name + "/1/golden.json").toFile());
    var input = golden.get("inputs").properties().iterator().next();
    long[] shape = shape(input.getValue());
    float[] values = data(input.getValue());
    int columns = values.length / (int) shape[0];
    shape[0] = 1;
    JsonNode expected = golden.get("outputs").elements().next().get("data");
    float[] lastRow = new float[columns];
    System.arraycopy(values, values.length - columns, lastRow, 0, columns);
    try (var model = new OnnxRuntimeModel(REPOSITORY.resolve(name + "/1/model.onnx"))) {
      float[] actual = model.run(input.getKey(), lastRow, shape);
      for (int i = 0; i < actual.length; i++) {
        double value = expected.get(expected.size() - actual.length + i).doubleValue();
        assertEquals(value, actual[i], 1e-5 * Math.abs(value), name + ": output " + i);
      }
    }
  }

  @Test
  void batchAndTimeAreSymbolic() throws OrtException {
    try (var trees = new OnnxRuntimeModel(REPOSITORY.resolve("delivery-time/1/model.onnx"));
        var gru = new OnnxRuntimeModel(REPOSITORY.resolve("hourly-demand/1/model.onnx"))) {
      assertArrayEquals(new long[] {-1, 8}, trees.inputExtents());
      assertArrayEquals(new long[] {-1, 1}, trees.outputExtents());
      assertArrayEquals(new long[] {-1, -1, 3}, gru.inputExtents());
      assertArrayEquals(new long[] {-1, 24}, gru.outputExtents());
    }
  }

  @Test
  void everyModelHasAVersionAndADescription() throws IOException {
    for (String name : List.of("delivery-time", "hourly-demand", "minilm", "ppocr-rec")) {
      assertTrue(Files.isRegularFile(REPOSITORY.resolve(name + "/1/model.onnx")), name);
      assertTrue(
          Files.readString(REPOSITORY.resolve(name + "/model.yaml")).startsWith("description: "),
          name);
    }
    assertTrue(Files.isRegularFile(REPOSITORY.resolve("minilm/1/tokenizer.json")));
    assertTrue(Files.isRegularFile(REPOSITORY.resolve("storyteller/1/model.gguf")));
  }

  @Test
  void theRecogniserHasALabelForEachOfItsClasses() throws IOException, OrtException {
    List<String> labels = Files.readAllLines(REPOSITORY.resolve("ppocr-rec/1/labels.txt"));
    assertEquals("<blank>", labels.getFirst());
    assertEquals(" ", labels.getLast());
    try (var model = new OnnxRuntimeModel(REPOSITORY.resolve("ppocr-rec/1/model.onnx"))) {
      assertEquals(model.outputExtents()[2], labels.size());
    }
  }

  private static float[] data(JsonNode tensor) {
    JsonNode data = tensor.get("data");
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get(i).floatValue();
    }
    return values;
  }

  private static long[] shape(JsonNode tensor) {
    return StreamSupport.stream(tensor.get("shape").spliterator(), false)
        .mapToLong(JsonNode::longValue)
        .toArray();
  }
}
