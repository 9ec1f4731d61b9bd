package io.lockstep.loadtest.graph;

import static io.lockstep.loadtest.graph.GraphFile.attribute;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphFile.ElementType;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import java.util.List;

/** What models do beside products and convolutions: rows, attention, recurrent cells. */
final class LayerCases {

  private final KernelCases cases;

  private LayerCases(KernelCases cases) {
    this.cases = cases;
  }

  /** Adds them all. */
  static void addTo(KernelCases cases) {
    LayerCases family = new LayerCases(cases);
    family.rows();
    family.attention();
    family.recurrent();
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
    cases.add(
        name + " " + rows + "x" + length,
        Section.ROWS,
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
      cases.add(
          "attention 12x64, " + length,
          Section.ATTENTION,
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
    cases.add(
        "%s %d, batch %d, length %d".formatted(name, hidden, batch, steps),
        Section.RECURRENT,
        Arithmetic.FLOATS,
        4.0 * rows * hidden * batch * steps,
        file,
        hidden == 256,
        CaseInput.floats("x", steps, batch, hidden));
  }
}
