package io.lockstep.loadtest.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphBenchTest {

  private static final EngineOptions OPTIONS = new EngineOptions(1, KernelChoice.AUTO);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gemm f32 4,384,384",
        "gemm i8 4,384,384",
        "gemm dynamic i8 1,384,384",
        "blocks of 4 bits 1,4096,4096",
        "blocks of 4 bits times floats 8,4096,4096",
        "blocks of 8 bits 8,4096,4096",
        "conv f32 3x3 256x14x14",
        "conv i8 3x3 256x14x14",
        "conv f32 depthwise 3x3 128x56x56",
        "softmax 512x1024",
        "layer norm 512x1024",
        "attention 12x64, 16"
      })
  void bothEnginesGiveTheSameForWhatIsTimed(String name) {
    KernelCases cases = new KernelCases(folder);
    GraphCase work =
        cases.all().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    cases.write(work);

    try (Engine ours = Engine.Kind.LOCKSTEP.load(work.withCopies(2), OPTIONS);
        Engine theirs = Engine.Kind.ONNX_RUNTIME.load(work.withCopies(1), OPTIONS)) {
      ours.run();
      ours.run();
      assertTrue(Outputs.difference(ours.output(), theirs.output()) < 0.01);
    }
  }

  @Test
  void namesOfCasesAreUnique() {
    List<GraphCase> all = new KernelCases(folder).all();
    assertEquals(all.size(), all.stream().map(GraphCase::name).distinct().count());
    assertEquals(all.size(), all.stream().map(GraphCase::file).distinct().count());
  }

  @Test
  void outputsDifferByTheirNorms() {
    assertEquals(0, Outputs.difference(floats(3, 4), floats(3, 4)));
    assertEquals(0.2, Outputs.difference(floats(3, 5), floats(3, 4)), 1e-9);
    assertThrows(IllegalStateException.class, () -> Outputs.difference(floats(1), floats(1, 2)));
  }

  private static FloatBuffer floats(float... values) {
    return FloatBuffer.wrap(values);
  }

  @Test
  void aRatioAboveOneMeansThatThisEngineIsFaster() {
    StringWriter text = new StringWriter();
    RatioTable table = new RatioTable(new PrintWriter(text), Map.of(Arithmetic.FLOATS, 100e9));
    GraphCase work =
        new GraphCase(
            "work", "group", Arithmetic.FLOATS, 5000, Path.of("none"), List.of(), 1, true);

    table.line(work, List.of(90.0, 100.0, 500.0), List.of(150.0, 10.0, 151.0), 0);
    table.means();

    List<String> lines = text.toString().lines().toList();
    assertEquals(
        List.of("work", "0.1", "0.2", "1.50", "50", "50", "%"), words(lines.getFirst(), 7));
    assertEquals(List.of("group", "1.50", "1.50"), words(lines.get(3), 3));
  }

  private static List<String> words(String line, int count) {
    return List.of(line.trim().split("\\s+")).subList(0, count);
  }
}
