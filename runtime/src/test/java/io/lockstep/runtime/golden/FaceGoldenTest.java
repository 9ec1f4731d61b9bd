package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UltraFace in floats, as QDQ and as 8-bit operators, on photographs of people. */
class FaceGoldenTest {

  /**
   * 8-bit results may fall on the other side of a rounding boundary, which moves a value by a step
   * of its scale; floats may not.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "version-RFB-320.onnx,1e-4",
    "rfb320_int8_qdq.onnx,0.05",
    "rfb320_int8_qop.onnx,0.05"
  })
  void findsTheFacesThatTheReferenceFinds(String model, double tolerance) throws Exception {
    Path file = TestFolders.testdata("ultraface/" + model);
    double largest = 0;
    try (Runs ours = Runs.of(file);
        OnnxRuntime reference = new OnnxRuntime(file)) {
      for (int i = 1; i <= 4; i++) {
        Tensor input =
            Pictures.tensor(
                Pictures.read(TestFolders.testdata("images/people" + i + ".jpeg")),
                240,
                320,
                false,
                127,
                128);
        Map<String, Tensor> expected = reference.run(Map.of("input", input));
        Map<String, Tensor> actual = ours.run(Map.of("input", input));
        for (String output : expected.keySet()) {
          largest =
              Math.max(
                  largest, TensorAssert.largestError(expected.get(output), actual.get(output)));
        }
        assertTrue(faces(expected.get("scores")) > 0, "faces in picture " + i);
        assertTrue(
            Math.abs(faces(expected.get("scores")) - faces(actual.get("scores"))) <= 1,
            "faces in picture " + i);
      }
    }
    System.out.printf("UltraFace %s: largest error %.2e%n", model, largest);
    assertTrue(largest <= tolerance, () -> model + " differs");
  }

  /** Anchors with a face, of scores [1, anchors, 2]. */
  private static int faces(Tensor scores) {
    int count = 0;
    for (long i = 1; i < scores.size(); i += 2) {
      count += scores.getFloat(i) > 0.7f ? 1 : 0;
    }
    return count;
  }
}
