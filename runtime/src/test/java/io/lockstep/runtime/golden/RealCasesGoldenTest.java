package io.lockstep.runtime.golden;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees, recurrent networks and quantised networks as other tools export them. */
class RealCasesGoldenTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "averagepool_count_include_pad",
        "byte_sb_bidi_lstm",
        "deconv_group",
        "lgbm_classifier_tensor",
        "qlstm_3-2-3_T3_S1",
        "qrelu_1",
        "qrelu_2",
        "qsigmoid_1",
        "qsigmoid_2",
        "qtanh_1",
        "qtanh_2",
        "xgboost_classifier_tree"
      })
  void answersAsRecorded(String name) throws Exception {
    Path folder = TestFolders.testdata("onnx-real-cases/" + name);
    Map<String, Tensor> arrays = Npz.read(folder.resolve("io.npz"));
    try (Runs ours = Runs.of(folder.resolve("model.onnx"))) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      ours.model()
          .signature()
          .inputs()
          .forEach(spec -> inputs.put(spec.name(), arrays.get(spec.name())));
      Map<String, Tensor> outputs = ours.run(inputs);
      arrays.forEach((array, expected) -> {
        if (!inputs.containsKey(array)) {
          // One file names its only output as another tool had renamed it.
          Tensor actual =
              outputs.size() == 1 ? outputs.values().iterator().next() : outputs.get(array);
          TensorAssert.assertClose(expected, actual, 1e-3, 1e-5, array);
        }
      });
    }
  }

  /** The recording tool had padded the frames at both ends, which the model does not. */
  @Test
  void quantisedTimeDelayNetworkAnswersAsRecordedBetweenTheEnds() throws Exception {
    Path folder = TestFolders.testdata("onnx-real-cases/qtdnn_10x5_101_i32_biases");
    Map<String, Tensor> arrays = Npz.read(folder.resolve("io.npz"));
    try (Runs ours = Runs.of(folder.resolve("model.onnx"))) {
      Tensor actual = ours.run(arrays.get("input"));
      Tensor expected = arrays.get("output");
      for (int frame = 0; frame < actual.shape().extent(0); frame++) {
        TensorAssert.assertSameBits(
            Runs.row(expected, frame + 1), Runs.row(actual, frame), "frame " + frame);
      }
    }
  }

  @Test
  void linearClassifierAnswersAsTheReferenceDoes() throws Exception {
    Path file = TestFolders.testdata("onnx-real-cases/linear_classifier/model.onnx");
    try (Runs ours = Runs.of(file);
        OnnxRuntime reference = new OnnxRuntime(file)) {
      var spec = ours.model().signature().inputs().getFirst();
      int features = spec.dimensions().getLast().extent();
      float[] values = new float[4 * features];
      Random random = new Random(7);
      for (int i = 0; i < values.length; i++) {
        values[i] = 4 * random.nextFloat();
      }
      Tensor batch = Tensors.ofFloats(Shape.of(4, features), values);
      Map<String, Tensor> actual = ours.run(Map.of(spec.name(), batch));
      Map<String, Tensor> expected = reference.run(Map.of(spec.name(), batch));
      expected.forEach(
          (name, tensor) -> TensorAssert.assertClose(tensor, actual.get(name), 1e-5, 1e-6, name));
    }
  }
}
