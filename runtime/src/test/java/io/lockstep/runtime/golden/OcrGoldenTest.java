package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The PP-OCR detector, recogniser and direction classifier on real pictures. */
class OcrGoldenTest {

  @Test
  void recogniserReadsAllNineWords() throws Exception {
    JsonNode golden =
        new ObjectMapper().readTree(TestFolders.testdata("golden/ppocr_rec.json").toFile());
    List<String> keys = Files.readAllLines(TestFolders.models("test-models/ppocr/keys.txt"));
    Path file = TestFolders.models("test-models/ppocr/rec.onnx");
    int right = 0;
    try (Runs ours = Runs.of(file);
        OnnxRuntime reference = new OnnxRuntime(file)) {
      for (int i = 0; i < 9; i++) {
        String name = "text_images_" + i + ".jpg";
        BufferedImage crop = Pictures.read(TestFolders.testdata("images/" + name));
        int width = (int) Math.ceil(48.0 * crop.getWidth() / crop.getHeight());
        Tensor input = Pictures.tensor(crop, 48, width, true, 127.5f, 127.5f);
        Tensor output = ours.run(input);
        assertEquals(golden.get(name).asText().strip(), read(output, keys).strip(), name);
        TensorAssert.assertClose(reference.run(input), output, 1e-3, 1e-4, name);
        right++;
      }
    }
    System.out.println("PP-OCRv4 recogniser: " + right + " of 9 words read");
  }

  @Test
  void recogniserGivesWordsOfOneWidthTheSameBitsAloneAndTogether() throws Exception {
    try (Runs ours = Runs.of(TestFolders.models("test-models/ppocr/rec.onnx"))) {
      List<Tensor> crops = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        BufferedImage crop =
            Pictures.read(TestFolders.testdata("images/text_images_" + i + ".jpg"));
        crops.add(Pictures.tensor(crop, 48, 160, true, 127.5f, 127.5f));
      }
      ours.assertRowsAreTheSameAlone(Runs.stack(crops));
    }
  }

  @Test
  void detectorFindsTextWhereTheReferenceDoes() throws Exception {
    compare("det.onnx", Pictures.read(TestFolders.testdata("images/input.jpg")), 320, 320);
  }

  @Test
  void classifierTellsDirectionAsTheReferenceDoes() throws Exception {
    compare("cls.onnx", Pictures.read(TestFolders.testdata("images/text_images_3.jpg")), 48, 192);
  }

  private static void compare(String model, BufferedImage picture, int height, int width)
      throws Exception {
    Path file = TestFolders.models("test-models/ppocr/" + model);
    try (Runs ours = Runs.of(file);
        OnnxRuntime reference = new OnnxRuntime(file)) {
      Tensor input = Pictures.tensor(picture, height, width, true, 127.5f, 127.5f);
      Tensor output = ours.run(input);
      Tensor expected = reference.run(input);
      System.out.printf(
          "PP-OCR %s: largest error %.2e%n", model, TensorAssert.largestError(expected, output));
      TensorAssert.assertClose(expected, output, 1e-3, 1e-4, model);
      Tensor mirrored = Pictures.tensor(picture, height, width, false, 100f, 90f);
      ours.assertRowsAreTheSameAlone(Runs.stack(List.of(input, mirrored, input)));
    }
  }

  /** The best class of each position, repeats and blanks (class 0) left out. */
  private static String read(Tensor output, List<String> keys) {
    int classes = output.shape().extent(2);
    StringBuilder text = new StringBuilder();
    int last = 0;
    for (int position = 0; position < output.shape().extent(1); position++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        long row = (long) position * classes;
        best = output.getFloat(row + c) > output.getFloat(row + best) ? c : best;
      }
      if (best != 0 && best != last) {
        text.append(best <= keys.size() ? keys.get(best - 1) : " ");
      }
      last = best;
    }
    return text.toString();
  }
}
