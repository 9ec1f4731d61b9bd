package io.lockstep.loadtest.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphCase.Comparison;
import io.lockstep.loadtest.graph.TurnTimes.Spread;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.FloatBuffer;
import java.nio.file.Files;
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
        "attention 12x64, 16",
        "mask by choice, softmax 8x12x128x128",
        "gelu by tanh step by step 128x3072"
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
  void aModelCountsWithTheMostMemoryThatItsCasesNeed() throws IOException {
    Path file =
        Files.write(
            Files.createDirectory(folder.resolve("model")).resolve("1.onnx"), new byte[1 << 20]);
    GraphCase work = work("work", Section.IMAGES, file);
    StringWriter text = new StringWriter();

    MemoryTable table = new MemoryTable();
    table.add(work, 2 << 20);
    table.add(work, 3 << 20);
    table.add(work, 1 << 20);
    table.print(new PrintWriter(text));

    assertEquals(
        List.of("model/1.onnx", "1.0", "3.0", "3.00"),
        words(text.toString().lines().toList().get(1), 4));
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

  @Test
  void anItemIsItsShareOfABatch() {
    CaseInput batch = CaseInput.floats("x", 3, 2);

    assertEquals(CaseInput.floats("x", 1, 2), batch.withBatch(1));
    assertEquals(batch.contents(1).asFloatBuffer().slice(4, 2), batch.item(1, 2).asFloatBuffer());
  }

  private static FloatBuffer floats(float... values) {
    return FloatBuffer.wrap(values);
  }

  @Test
  void aRatioAboveOneMeansThatThisEngineIsFaster() {
    StringWriter text = new StringWriter();
    RatioTable table = new RatioTable(new PrintWriter(text), Map.of(Arithmetic.FLOATS, 100e9));

    table.line(work("work", Section.PRODUCTS), times(100, 150, 1.5), 0);
    table.line(work("slow", Section.PRODUCTS), times(100, 60, 0.6), 0);
    table.line(work("rows", Section.ROWS), times(100, 90, 0.9), 0);
    table.means();

    List<String> lines = text.toString().lines().toList();
    assertEquals(
        List.of("work", "0.1", "0.2", "1.50", "1.40-", "1.60", "50", "50", "%"),
        words(lines.getFirst(), 9));
    assertEquals(
        List.of("fp32", "product", "2", "0.95", "0.60", "1", "1.0"), words(lines.get(5), 7));
    assertEquals(List.of("rows", "1", "0.90", "0.90", "1"), words(lines.get(6), 5));
    assertEquals(List.of("all", "3", "0.93", "0.60", "2"), words(lines.get(7), 5));
  }

  private static GraphCase work(String name, Section section) {
    return work(name, section, Path.of("none"));
  }

  private static GraphCase work(String name, Section section, Path file) {
    return new GraphCase(
        name, section, Arithmetic.FLOATS, 5000, file, List.of(), 1, true, Comparison.BATCH);
  }

  private static TurnTimes times(double ours, double theirs, double ratio) {
    return new TurnTimes(ours, theirs, new Spread(ratio - 0.1, ratio, ratio + 0.1));
  }

  private static List<String> words(String line, int count) {
    return List.of(line.trim().split("\\s+")).subList(0, count);
  }
}
