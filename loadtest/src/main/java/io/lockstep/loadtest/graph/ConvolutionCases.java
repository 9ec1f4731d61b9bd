package io.lockstep.loadtest.graph;

import static io.lockstep.loadtest.graph.GraphFile.attribute;

import io.lockstep.loadtest.graph.CaseInput.Values;
import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphFile.ElementType;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import java.util.List;

/** Convolutions of images, of floats and of bytes. */
final class ConvolutionCases {

  /** Equal layers one after the other, so that a change of layout at the ends weighs little. */
  private static final int LAYERS = 4;

  private final KernelCases cases;

  private ConvolutionCases(KernelCases cases) {
    this.cases = cases;
  }

  /** Adds them all. */
  static void addTo(KernelCases cases) {
    new ConvolutionCases(cases).convolutions();
  }

  private void convolutions() {
    conv("3x3", 64, 64, 56, 3, 1, 1, LAYERS);
    conv("3x3", 128, 128, 28, 3, 1, 1, LAYERS);
    conv("3x3", 256, 256, 14, 3, 1, 1, LAYERS);
    conv("3x3 stride 2", 64, 128, 56, 3, 2, 1, 1);
    conv("7x7 stride 2", 3, 64, 224, 7, 2, 1, 1);
    conv("1x1", 256, 256, 28, 1, 1, 1, LAYERS);
    conv("depthwise 3x3", 128, 128, 56, 3, 1, 128, LAYERS);
    transposedConv(256, 128, 28, 2, 0);
    transposedConv(128, 64, 28, 4, 1);
    transposedConv(24, 24, 80, 2, 0);
  }

  /** Doubles the extents of an image. */
  private void transposedConv(int in, int out, int size, int window, int pad) {
    GraphFile file =
        new GraphFile()
            .input("x", ElementType.FLOAT, 1, in, size, size)
            .random("w", ElementType.FLOAT, in, out, window, window)
            .random("b", ElementType.FLOAT, out)
            .node(
                "ConvTranspose",
                List.of("x", "w", "b"),
                "y",
                attribute("kernel_shape", new long[] {window, window}),
                attribute("strides", new long[] {2, 2}),
                attribute("pads", new long[] {pad, pad, pad, pad}))
            .output("y", ElementType.FLOAT, 1, out, 2L * size, 2L * size);
    cases.add(
        "transposed conv %dx%d %dx%dx%d".formatted(window, window, in, size, size),
        Section.CONVOLUTIONS,
        Arithmetic.FLOATS,
        2.0 * in * out * size * size * window * window,
        file,
        true,
        CaseInput.floats("x", 1, in, size, size));
  }

  private void conv(
      String kind, int in, int out, int size, int window, int stride, int group, int layers) {
    int pad = window / 2;
    int channels = in / group;
    int outSize = (size - 1) / stride + 1;
    double operations = 2.0 * layers * outSize * outSize * out * channels * window * window;
    String extents = kind + " " + in + "x" + size + "x" + size;
    GraphFile file = new GraphFile().input("x0", ElementType.FLOAT, 1, in, size, size);
    GraphFile quant = new GraphFile().input("x0", ElementType.UINT8, 1, in, size, size);
    quant
        .filled("xScale", ElementType.FLOAT, 0.02f)
        .filled("xZero", ElementType.UINT8, 128)
        .filled("wScale", ElementType.FLOAT, 0.001f)
        .filled("wZero", ElementType.INT8, 0);
    for (int i = 0; i < layers; i++) {
      var attributes =
          new AttributeProto[] {
            attribute("kernel_shape", new long[] {window, window}),
            attribute("strides", new long[] {stride, stride}),
            attribute("pads", new long[] {pad, pad, pad, pad}),
            attribute("group", group)
          };
      file.random("w" + i, ElementType.FLOAT, out, channels, window, window)
          .random("b" + i, ElementType.FLOAT, out)
          .node("Conv", List.of("x" + i, "w" + i, "b" + i), "x" + (i + 1), attributes);
      quant
          .random("w" + i, ElementType.INT8, out, channels, window, window)
          .filled("b" + i, ElementType.INT32, i, out)
          .node(
              "QLinearConv",
              List.of(
                  "x" + i, "xScale", "xZero", "w" + i, "wScale", "wZero", "xScale", "xZero",
                  "b" + i),
              "x" + (i + 1),
              attributes);
    }
    file.output("x" + layers, ElementType.FLOAT, 1, out, outSize, outSize);
    quant.output("x" + layers, ElementType.UINT8, 1, out, outSize, outSize);
    cases.add(
        "conv f32 " + extents,
        Section.CONVOLUTIONS,
        Arithmetic.FLOATS,
        operations,
        file,
        true,
        CaseInput.floats("x0", 1, in, size, size));
    cases.add(
        "conv i8 " + extents,
        Section.INTEGER_CONVOLUTIONS,
        Arithmetic.BYTES,
        operations,
        quant,
        true,
        CaseInput.of("x0", Values.BYTES, 1, in, size, size));
  }
}
