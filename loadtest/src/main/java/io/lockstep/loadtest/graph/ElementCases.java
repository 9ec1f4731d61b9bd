package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphFile.ElementType;
import java.util.List;

/** Functions that exporters write down operator by operator. */
final class ElementCases {

  private final KernelCases cases;

  private ElementCases(KernelCases cases) {
    this.cases = cases;
  }

  /** Adds them all. */
  static void addTo(KernelCases cases) {
    ElementCases family = new ElementCases(cases);
    family.elements();
  }

  private void elements() {
    long[] scores = {8, 12, 128, 128};
    long[] mask = {8, 1, 1, 128};
    GraphFile masked =
        new GraphFile()
            .input("mask", ElementType.INT64, mask)
            .input("x", ElementType.FLOAT, scores)
            .filled("zero", ElementType.INT64, 0)
            .filled("low", ElementType.FLOAT, -1e9f)
            .node("Equal", List.of("mask", "zero"), "hidden")
            .node("Where", List.of("hidden", "low", "x"), "scores")
            .node("Softmax", List.of("scores"), "y")
            .output("y", ElementType.FLOAT, scores);
    cases.add(
        "mask by choice, softmax 8x12x128x128",
        Section.ELEMENTS,
        Arithmetic.NONE,
        0,
        masked,
        true,
        CaseInput.of("mask", CaseInput.Values.ONES, mask),
        CaseInput.floats("x", scores));
    steps(
        "hard swish step by step",
        new GraphFile()
            .filled("three", ElementType.FLOAT, 3)
            .filled("zero", ElementType.FLOAT, 0)
            .filled("six", ElementType.FLOAT, 6)
            .node("Add", List.of("x", "three"), "a")
            .node("Clip", List.of("a", "zero", "six"), "b")
            .node("Div", List.of("b", "six"), "c")
            .node("Mul", List.of("x", "c"), "y"));
    steps(
        "gelu by tanh step by step",
        new GraphFile()
            .filled("three", ElementType.FLOAT, 3)
            .filled("cubic", ElementType.FLOAT, 0.044715f)
            .filled("root", ElementType.FLOAT, 0.7978846f)
            .filled("one", ElementType.FLOAT, 1)
            .filled("half", ElementType.FLOAT, 0.5f)
            .node("Pow", List.of("x", "three"), "a")
            .node("Mul", List.of("a", "cubic"), "b")
            .node("Add", List.of("x", "b"), "c")
            .node("Mul", List.of("c", "root"), "d")
            .node("Tanh", List.of("d"), "e")
            .node("Add", List.of("e", "one"), "f")
            .node("Mul", List.of("x", "half"), "g")
            .node("Mul", List.of("g", "f"), "y"));
    steps(
        "threshold by comparison and choice",
        new GraphFile()
            .filled("bound", ElementType.FLOAT, 0.1f)
            .filled("none", ElementType.FLOAT, 0)
            .node("Abs", List.of("x"), "a")
            .node("Less", List.of("a", "bound"), "small")
            .node("Where", List.of("small", "none", "x"), "y"));
  }

  private void steps(String name, GraphFile file) {
    int rows = 128;
    int columns = 3072;
    cases.add(
        "%s %dx%d".formatted(name, rows, columns),
        Section.ELEMENTS,
        Arithmetic.NONE,
        0,
        file.input("x", ElementType.FLOAT, rows, columns)
            .output("y", ElementType.FLOAT, rows, columns),
        true,
        CaseInput.floats("x", rows, columns));
  }
}
