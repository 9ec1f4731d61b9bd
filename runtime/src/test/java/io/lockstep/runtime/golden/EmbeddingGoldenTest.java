package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sentence embeddings against goldens, and alone against in a padded batch.
 *
 * <p>Where a sum lies between two 8-bit steps, its last bit decides which, and the step moves all
 * that follows: the reference itself answers differently by machine and by optimisation. Quantised
 * models must therefore be as near to one of its answers as these are to each other.
 */
class EmbeddingGoldenTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({"minilm-fp32,minilm-fp32", "minilm-int8,minilm-q", "bge-small-int8,bge-small-q"})
  void embedsAsTheGoldenDoesAndTheSameInAnyBatch(String name, String key)
      throws IOException, OrtException {
    Path file = TestFolders.models("test-models/" + name + "/model.onnx");
    JsonNode golden =
        new ObjectMapper()
            .readTree(TestFolders.testdata("golden/embeddings.json").toFile())
            .get(key);
    int[][] ids = new ObjectMapper().treeToValue(golden.get("token_ids"), int[][].class);
    try (GraphModel model = ModelLoader.load(file, RuntimeOptions.defaults());
        GraphSession session = model.newSession();
        OnnxRuntime optimised = new OnnxRuntime(file);
        OnnxRuntime unoptimised = OnnxRuntime.unoptimised(file)) {
      TextRun run = new TextRun(model, session);
      float[][] together = run.tokens(ids, 0);
      String pooling = golden.get("pool").asText();
      double largest = 0;
      double lowest = 1;
      double lowestOfReferences = 1;
      int same = 0;
      for (int i = 0; i < ids.length; i++) {
        float[] alone = run.tokens(new int[][] {ids[i]}, 0)[0];
        assertArrayEquals(alone, together[i], name + " sentence " + i + " alone and in a batch");
        float[] padded = run.tokens(new int[][] {ids[i]}, 5)[0];
        assertArrayEquals(alone, padded, name + " sentence " + i + " alone and padded");
        float[] ours = TextRun.pool(alone, ids[i].length, pooling);
        float[] expected =
            new ObjectMapper().treeToValue(golden.get("embeddings").get(i), float[].class);
        float[] here = TextRun.pool(run.reference(optimised, ids[i]), ids[i].length, pooling);
        float[] plain = TextRun.pool(run.reference(unoptimised, ids[i]), ids[i].length, pooling);
        largest = Math.max(largest, TextRun.largestDifference(expected, ours));
        double cosine = TextRun.cosine(expected, ours);
        cosine = Math.max(cosine, TextRun.cosine(here, ours));
        cosine = Math.max(cosine, TextRun.cosine(plain, ours));
        lowest = Math.min(lowest, cosine);
        same += cosine > 0.9999 ? 1 : 0;
        lowestOfReferences = Math.min(lowestOfReferences, TextRun.cosine(expected, here));
        lowestOfReferences = Math.min(lowestOfReferences, TextRun.cosine(here, plain));
      }
      System.out.printf(
          "%s: largest error %.2e, lowest cosine %.6f, of references to each other %.6f%n",
          name, largest, lowest, lowestOfReferences);
      if (name.endsWith("int8")) {
        assertTrue(lowest > lowestOfReferences, name + " strays further than its references");
        assertTrue(same >= ids.length - 2, name + " has the answers of a reference");
      } else {
        assertTrue(largest < 1e-4, name);
      }
    }
  }

  /** ONNX Runtime takes one quantisation range over a whole padded batch; we take one an item. */
  @Test
  void neighboursDoNotMoveQuantisedAnswers() throws IOException, OrtException {
    Path file = TestFolders.models("test-models/minilm-int8/model.onnx");
    JsonNode golden =
        new ObjectMapper()
            .readTree(TestFolders.testdata("golden/embeddings.json").toFile())
            .get("minilm-q");
    int[][] ids = new ObjectMapper().treeToValue(golden.get("token_ids"), int[][].class);
    try (GraphModel model = ModelLoader.load(file, RuntimeOptions.defaults());
        GraphSession session = model.newSession();
        OnnxRuntime reference = new OnnxRuntime(file)) {
      TextRun run = new TextRun(model, session);
      float[][] ours = run.tokens(ids, 0);
      float[][] theirs = run.reference(reference, ids);
      double lowest = 1;
      for (int i = 0; i < ids.length; i++) {
        float[] alone = run.reference(reference, ids[i]);
        double cosine =
            TextRun.cosine(
                TextRun.pool(alone, ids[i].length, "mean"),
                TextRun.pool(theirs[i], ids[i].length, "mean"));
        lowest = Math.min(lowest, cosine);
        assertArrayEquals(run.tokens(new int[][] {ids[i]}, 0)[0], ours[i], "sentence " + i);
      }
      System.out.printf(
          "MiniLM int8, alone against in a batch of %d: ours the same bits, ONNX Runtime down to"
              + " cosine %.3f%n",
          ids.length, lowest);
    }
  }

  /** Runs token ids through a model with inputs named as BERT exports name them. */
  private record TextRun(GraphModel model, GraphSession session) {

    /** The hidden states [length * hidden] of each text, run together, cut to its own length. */
    float[][] tokens(int[][] ids, int extraPadding) {
      int longest = 0;
      int[] lengths = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        lengths[i] = ids[i].length;
        longest = Math.max(longest, lengths[i]);
      }
      int padded = longest + extraPadding;
      Shape shape = Shape.of(ids.length, padded);
      GraphSession.Binding binding =
          session.bind(model.signature().inputs().stream().map(_ -> shape).toList());
      for (int input = 0; input < model.signature().inputs().size(); input++) {
        String name = model.signature().inputs().get(input).name();
        fill(binding.input(input), name, ids, padded);
      }
      binding.run(ids.length, lengths);
      return cut(binding.output(0), ids);
    }

    /** The hidden states that ONNX Runtime answers here and now. */
    float[] reference(OnnxRuntime reference, int[] ids) throws OrtException {
      return reference(reference, new int[][] {ids})[0];
    }

    /** The same for texts in one padded batch, each cut to its own length. */
    float[][] reference(OnnxRuntime reference, int[][] ids) throws OrtException {
      int padded = Arrays.stream(ids).mapToInt(text -> text.length).max().orElseThrow();
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (TensorSpec spec : model.signature().inputs()) {
        Tensor input = Tensors.zeros(TensorType.of(DType.INT64, ids.length, padded));
        fill(input, spec.name(), ids, padded);
        inputs.put(spec.name(), input);
      }
      return cut(reference.run(inputs).values().iterator().next(), ids);
    }

    /** The valid rows of hidden states [texts, padded, width], [length * width] each. */
    private static float[][] cut(Tensor hidden, int[][] ids) {
      int padded = hidden.shape().extent(1);
      int width = hidden.shape().extent(2);
      float[][] result = new float[ids.length][];
      for (int i = 0; i < ids.length; i++) {
        result[i] = new float[ids[i].length * width];
        for (int j = 0; j < result[i].length; j++) {
          result[i][j] = hidden.getFloat((long) i * padded * width + j);
        }
      }
      return result;
    }

    private static void fill(Tensor input, String name, int[][] ids, int padded) {
      for (int i = 0; i < ids.length; i++) {
        for (int j = 0; j < padded; j++) {
          boolean valid = j < ids[i].length;
          long value =
              switch (name) {
                case "input_ids" -> valid ? ids[i][j] : 0;
                case "attention_mask" -> valid ? 1 : 0;
                default -> 0; // token_type_ids
              };
          input.setLong((long) i * padded + j, value);
        }
      }
    }

    static float[] pool(float[] hidden, int length, String pooling) {
      int width = hidden.length / length;
      float[] pooled = new float[width];
      for (int token = 0; token < (pooling.equals("cls") ? 1 : length); token++) {
        for (int j = 0; j < width; j++) {
          pooled[j] += hidden[token * width + j];
        }
      }
      double norm = Math.sqrt(dot(pooled, pooled));
      for (int j = 0; j < width; j++) {
        pooled[j] = (float) (pooled[j] / norm);
      }
      return pooled;
    }

    private static double dot(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }

    static double cosine(float[] a, float[] b) {
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    }

    static double largestDifference(float[] a, float[] b) {
      double largest = 0;
      for (int i = 0; i < a.length; i++) {
        largest = Math.max(largest, Math.abs(a[i] - b[i]));
      }
      return largest;
    }
  }
}
