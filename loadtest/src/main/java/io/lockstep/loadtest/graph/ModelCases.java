package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.CaseInput.Values;
import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphCase.Comparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whole models, with the inputs of a request or a batch. */
final class ModelCases {

  private final Path models;
  private final Path testData;
  private final List<GraphCase> cases = new ArrayList<>();

  private ModelCases(Path models, Path testData) {
    this.models = models;
    this.testData = testData;
  }

  /**
   * All cases, also of models whose files are not there.
   *
   * @param models where the build unpacks models
   * @param testData a folder of further models
   */
  static List<GraphCase> all(Path models, Path testData) {
    ModelCases all = new ModelCases(models, testData);
    all.texts();
    all.images();
    return List.copyOf(all.cases);
  }

  private void texts() {
    for (int batch : new int[] {1, 8, 32}) {
      for (int length : new int[] {16, 128}) {
        boolean isBrief = batch != 32;
        text(Section.FLOAT_TEXT, "minilm-fp32", "MiniLM fp32", batch, length, isBrief);
        text(Section.INTEGER_TEXT, "minilm-int8", "MiniLM int8", batch, length, isBrief);
        text(Section.INTEGER_TEXT, "bge-small-int8", "bge-small int8", batch, length, isBrief);
      }
    }
  }

  private void text(
      Section section, String folder, String name, int batch, int length, boolean isBrief) {
    cases.add(
        model(
            "%s %dx%d".formatted(name, batch, length),
            section,
            models.resolve("test-models").resolve(folder).resolve("model.onnx"),
            isBrief,
            CaseInput.of("input_ids", Values.TOKENS, batch, length),
            CaseInput.of("attention_mask", Values.ONES, batch, length),
            CaseInput.of("token_type_ids", Values.ZEROS, batch, length)));
  }

  private void images() {
    Path ocr = models.resolve("test-models/ppocr");
    image("PP-OCR detector 640x640", ocr.resolve("det.onnx"), "x", 3, 640, 640);
    image("PP-OCR recogniser 48x320", ocr.resolve("rec.onnx"), "x", 3, 48, 320);
    Path faces = testData.resolve("ultraface");
    image("UltraFace fp32", faces.resolve("version-RFB-320.onnx"), "input", 3, 240, 320);
    image("UltraFace int8 QDQ", faces.resolve("rfb320_int8_qdq.onnx"), "input", 3, 240, 320);
    image("UltraFace int8 QOperator", faces.resolve("rfb320_int8_qop.onnx"), "input", 3, 240, 320);
    Path light = testData.resolve("onnx-light");
    image("SqueezeNet", light.resolve("light_squeezenet.onnx"), "data_0", 3, 224, 224);
    image("ResNet-50", light.resolve("light_resnet50.onnx"), "gpu_0/data_0", 3, 224, 224);
    image("ShuffleNet", light.resolve("light_shufflenet.onnx"), "gpu_0/data_0", 3, 224, 224);
    image("DenseNet-121", light.resolve("light_densenet121.onnx"), "data_0", 3, 224, 224);
    image("MNIST-8", testData.resolve("mnist/mnist-8.onnx"), "Input3", 1, 28, 28);
    cases.add(
        model(
            "Silero step",
            Section.IMAGES,
            testData.resolve("silero/silero_vad.onnx"),
            true,
            CaseInput.floats("input", 1, 576),
            CaseInput.floats("state", 2, 1, 128),
            CaseInput.of("sr", Values.SAMPLE_RATE)));
  }

  private void image(String name, Path file, String input, int channels, int height, int width) {
    cases.add(
        model(
            name, Section.IMAGES, file, true, CaseInput.floats(input, 1, channels, height, width)));
  }

  private static GraphCase model(
      String name, Section section, Path file, boolean isBrief, CaseInput... inputs) {
    Comparison comparison =
        section == Section.INTEGER_TEXT ? Comparison.EACH_ITEM : Comparison.BATCH;
    return new GraphCase(
        name, section, Arithmetic.NONE, 0, file, List.of(inputs), 1, isBrief, comparison);
  }
}
