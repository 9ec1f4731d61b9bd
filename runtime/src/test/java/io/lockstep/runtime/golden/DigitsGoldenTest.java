package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** MNIST-8 on the first 2,000 digits of the test set. */
class DigitsGoldenTest {

  private static final int IMAGE_HEADER = 16;
  private static final int LABEL_HEADER = 8;
  private static final int PIXELS = 28 * 28;

  @Test
  void tellsNinetyEightOfAHundredDigits() throws Exception {
    byte[] images = unzip("mnist/t10k-first2000-images-idx3-ubyte.gz");
    byte[] labels = unzip("mnist/t10k-first2000-labels-idx1-ubyte.gz");
    int right = 0;
    int count = labels.length - LABEL_HEADER;
    try (Runs ours = Runs.of(TestFolders.testdata("mnist/mnist-8.onnx"))) {
      Tensor input = Tensors.ofFloats(Shape.of(1, 1, 28, 28), new float[PIXELS]);
      for (int i = 0; i < count; i++) {
        for (int p = 0; p < PIXELS; p++) {
          input.setFloat(p, images[IMAGE_HEADER + i * PIXELS + p] & 0xff);
        }
        right += best(ours.run(input)) == labels[LABEL_HEADER + i] ? 1 : 0;
      }
    }
    System.out.println("MNIST-8: " + right + " of " + count + " digits right");
    assertTrue(count == 2000 && right >= 1960, right + " of " + count);
  }

  private static int best(Tensor scores) {
    int best = 0;
    for (int i = 1; i < 10; i++) {
      best = scores.getFloat(i) > scores.getFloat(best) ? i : best;
    }
    return best;
  }

  private static byte[] unzip(String name) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(TestFolders.testdata(name)))) {
      return in.readAllBytes();
    }
  }
}
