package io.lockstep.loadtest.graph;

import static io.lockstep.loadtest.graph.GraphFile.attribute;

import io.lockstep.loadtest.graph.CaseInput.Values;
import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphFile.ElementType;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Graphs of one operator, or of a few equal ones, each with the extents that models have. */
final class KernelCases {

  private static final String GEMM = "fp32 product";
  private static final String QUANT_GEMM = "int8 product";
  private static final String DYNAMIC = "int8 product of floats";
  private static final String CONV = "fp32 convolution";
  private static final String QUANT_CONV = "int8 convolution";
  private static final String ROWS = "rows";
  private static final String ATTENTION = "attention";
  private static final String BLOCKS = "4 and 8-bit blocks";
  private static final String RECURRENT = "recurrent";

  /** Weights of all copies together, more than caches hold. */
  private static final long COLD_BYTES = 128L << 20;

  private static final int MAX_COPIES = 48;

  /** Equal layers one after the other, so that a change of layout at the ends weighs little. */
  private static final int LAYERS = 4;

  private static final int[] FEW_ROWS = {1, 4, 8, 16, 32, 128, 1024};
  private static final int[][] MATRICES = {
    {384, 384}, {1536, 384}, {384, 1536}, {768, 768}, {3072, 768}, {768, 3072}
  };

  private final Path folder;
  private final List<GraphCase> cases = new ArrayList<>();
  private final Map<GraphCase, GraphFile> graphs = new HashMap<>();

  /** Cases whose models go into the folder. */
  KernelCases(Path folder) {
    this.folder = folder;
    products();
    convolutions();
    rows();
    attention();
    recurrent();
  }

  List<GraphCase> all() {
    return List.copyOf(cases);
  }

  /** Writes the model of one of them, once. */
  void write(GraphCase work) {
    Objects.requireNonNull(graphs.get(work)).write(work.file());
  }

  private void products() {
    for (int[] matrix : MATRICES) {
      int n = matrix[0];
      int k = matrix[1];
      for (int m : FEW_ROWS) {
        boolean isBrief = k == 768 && n != 3072 && m != 4 && m != 32;
        gemm(m, n, k, isBrief);
        integerGemm(m, n, k, isBrief);
        dynamicGemm(m, n, k, isBrief);
      }
    }
    gemm(384, 384, 384, true);
    integerGemm(384, 384, 384, true);
    dynamicGemm(384, 384, 384, true);
    for (int bits : new int[] {4, 8}) {
      for (int m : new int[] {1, 8, 128}) {
        blockGemm(m, 4096, 4096, bits, Arithmetic.BYTES);
        blockGemm(m, 4096, 4096, bits, Arithmetic.FLOATS);
      }
    }
  }

  private void gemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.FLOAT, k, n)
            .node("MatMul", List.of("a", "b"), "y")
            .output("y", ElementType.FLOAT, m, n);
    add(
        extents("gemm f32", m, n, k),
        GEMM,
        Arithmetic.FLOATS,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.floats("a", m, k));
  }

  private void integerGemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.UINT8, m, k)
            .random("b", ElementType.INT8, k, n)
            .filled("zero", ElementType.UINT8, 128)
            .node("MatMulInteger", List.of("a", "b", "zero"), "y")
            .output("y", ElementType.INT32, m, n);
    add(
        extents("gemm i8", m, n, k),
        QUANT_GEMM,
        Arithmetic.BYTES,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.of("a", Values.BYTES, m, k));
  }

  private void dynamicGemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.INT8, k, n)
            .filled("scale", ElementType.FLOAT, 0.004f, n)
            .node("com.microsoft:DynamicQuantizeMatMul", List.of("a", "b", "scale"), "y")
            .output("y", ElementType.FLOAT, m, n);
    add(
        extents("gemm dynamic i8", m, n, k),
        DYNAMIC,
        Arithmetic.BYTES,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.floats("a", m, k));
  }

  private static String extents(String name, int m, int n, int k) {
    return name + " " + m + "," + n + "," + k;
  }

  /**
   * Rows times blocks of 32 integers with a scale each, as language models store weights.
   *
   * @param arithmetic BYTES where activations may be rounded to them
   */
  private void blockGemm(int m, int n, int k, int bits, Arithmetic arithmetic) {
    int block = 32;
    boolean rounds = arithmetic == Arithmetic.BYTES;
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.UINT8, n, k / block, block * bits / 8)
            .filled("scales", ElementType.FLOAT, 0.004f, (long) n * k / block)
            .node(
                "com.microsoft:MatMulNBits",
                List.of("a", "b", "scales"),
                "y",
                attribute("K", k),
                attribute("N", n),
                attribute("bits", bits),
                attribute("block_size", block),
                attribute("accuracy_level", rounds ? 4 : 1))
            .output("y", ElementType.FLOAT, m, n);
    add(
        extents("blocks of " + bits + " bits" + (rounds ? "" : " times floats"), m, n, k),
        BLOCKS,
        m == 1 ? Arithmetic.READS : arithmetic,
        m == 1 ? (double) file.constantBytes() : 2.0 * m * n * k,
        file,
        m < 128 && rounds,
        CaseInput.floats("a", m, k));
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
    add(
        "transposed conv %dx%d %dx%dx%d".formatted(window, window, in, size, size),
        CONV,
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
    add(
        "conv f32 " + extents,
        CONV,
        Arithmetic.FLOATS,
        operations,
        file,
        true,
        CaseInput.floats("x0", 1, in, size, size));
    add(
        "conv i8 " + extents,
        QUANT_CONV,
        Arithmetic.BYTES,
        operations,
        quant,
        true,
        CaseInput.of("x0", Values.BYTES, 1, in, size, size));
  }

  private void rows() {
    int rows = 512;
    int length = 1024;
    row("softmax", "Softmax", List.of("x"), new GraphFile(), rows, length);
    row("exp", "Exp", List.of("x"), new GraphFile(), rows, length);
    row("gelu", "Gelu", List.of("x"), new GraphFile(), rows, length);
    GraphFile norm =
        new GraphFile()
            .random("gamma", ElementType.FLOAT, length)
            .random("beta", ElementType.FLOAT, length);
    row("layer norm", "LayerNormalization", List.of("x", "gamma", "beta"), norm, rows, length);
  }

  private void row(
      String name, String operator, List<String> inputs, GraphFile file, int rows, int length) {
    file.input("x", ElementType.FLOAT, rows, length)
        .node(operator, inputs, "y")
        .output("y", ElementType.FLOAT, rows, length);
    add(
        name + " " + rows + "x" + length,
        ROWS,
        Arithmetic.NONE,
        0,
        file,
        true,
        CaseInput.floats("x", rows, length));
  }

  private void attention() {
    int heads = 12;
    int width = heads * 64;
    for (int length : new int[] {16, 128, 512}) {
      GraphFile file = new GraphFile();
      for (String name : List.of("q", "k", "v")) {
        file.input(name, ElementType.FLOAT, 1, length, width);
      }
      file.node(
              "com.microsoft:MultiHeadAttention",
              List.of("q", "k", "v"),
              "y",
              attribute("num_heads", heads))
          .output("y", ElementType.FLOAT, 1, length, width);
      add(
          "attention 12x64, " + length,
          ATTENTION,
          Arithmetic.FLOATS,
          4.0 * length * length * width,
          file,
          true,
          CaseInput.floats("q", 1, length, width),
          CaseInput.floats("k", 1, length, width),
          CaseInput.floats("v", 1, length, width));
    }
  }

  private void recurrent() {
    for (int hidden : new int[] {128, 256, 512}) {
      for (int batch : new int[] {1, 8, 32}) {
        for (int steps : new int[] {1, 32}) {
          recurrent("lstm", 4, hidden, batch, steps);
          recurrent("gru", 3, hidden, batch, steps);
        }
      }
    }
  }

  /** A layer with as many features as hidden units. */
  private void recurrent(String name, int gates, int hidden, int batch, int steps) {
    int rows = gates * hidden;
    boolean isGru = gates == 3;
    GraphFile file =
        new GraphFile()
            .input("x", ElementType.FLOAT, steps, batch, hidden)
            .random("w", ElementType.FLOAT, 1, rows, hidden)
            .random("r", ElementType.FLOAT, 1, rows, hidden)
            .random("b", ElementType.FLOAT, 1, 2L * rows)
            .node(
                isGru ? "GRU" : "LSTM",
                List.of("x", "w", "r", "b"),
                "y",
                isGru
                    ? new AttributeProto[] {
                      attribute("hidden_size", hidden), attribute("linear_before_reset", 1)
                    }
                    : new AttributeProto[] {attribute("hidden_size", hidden)})
            .output("y", ElementType.FLOAT, steps, 1, batch, hidden);
    add(
        "%s %d, batch %d, length %d".formatted(name, hidden, batch, steps),
        RECURRENT,
        Arithmetic.FLOATS,
        4.0 * rows * hidden * batch * steps,
        file,
        hidden == 256,
        CaseInput.floats("x", steps, batch, hidden));
  }

  private void add(
      String name,
      String group,
      Arithmetic arithmetic,
      double operations,
      GraphFile graph,
      boolean isBrief,
      CaseInput... inputs) {
    Path file = folder.resolve(name.replaceAll("[^a-z0-9]+", "-") + ".onnx");
    long copies = COLD_BYTES / Math.max(1, graph.constantBytes());
    GraphCase work =
        new GraphCase(
            name,
            group,
            arithmetic,
            operations,
            file,
            List.of(inputs),
            graph.constantBytes() == 0 ? 1 : Math.clamp(copies, 2, MAX_COPIES),
            isBrief);
    cases.add(work);
    graphs.put(work, graph);
  }
}
