package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole ImageNet topologies with generated weights, against ONNX Runtime. */
class TopologyGoldenTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bvlc_alexnet",
        "densenet121",
        "inception_v1",
        "inception_v2",
        "resnet50",
        "shufflenet",
        "squeezenet",
        "vgg19",
        "zfnet512"
      })
  void answersAsTheReferenceDoes(String topology) throws Exception {
    Path file = TestFolders.testdata("onnx-light/light_" + topology + ".onnx");
    float[] pixels = new float[3 * 224 * 224];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() - 0.5f;
    }
    Tensor input = Tensors.ofFloats(Shape.of(1, 3, 224, 224), pixels);
    try (Runs ours = Runs.of(file);
        OnnxRuntime reference = new OnnxRuntime(file)) {
      Tensor expected = reference.run(input);
      Tensor actual = ours.run(input);
      double error = TensorAssert.largestError(expected, actual);
      System.out.printf("%s: largest error %.2e%n", topology, error);
      TensorAssert.assertClose(expected, actual, 1e-3, 1e-6, topology);
      assertTrue(ours.model().parameters() > 0, "parameters");
    }
  }
}
