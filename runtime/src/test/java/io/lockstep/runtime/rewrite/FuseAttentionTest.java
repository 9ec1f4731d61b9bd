package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Attributes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FuseAttentionTest {

  private static final int BATCH = 2;
  private static final int LENGTH = 37;
  private static final int HEADS = 3;
  private static final int SIZE = 5;

  private final Sketched sketch = new Sketched();

  private Value heads(int length, long... permutation) {
    return sketch.node(
        Attributes.of("Transpose").ints("perm", permutation),
        sketch.input(BATCH, length, HEADS, SIZE));
  }

  /** Attention as exporters of transformers write it, up to the transposition back. */
  private Value attention(Value scores, Value values) {
    Value likely = sketch.node(Attributes.of("Softmax").with("axis", -1L), scores);
    return sketch.node(
        Attributes.of("Transpose").ints("perm", 0, 2, 1, 3), sketch.node("MatMul", likely, values));
  }

  private Graph rewritten(Value output) {
    Graph before = sketch.graph(output);
    Graph after = sketch.rewritten(new FuseAttention(), before);
    TensorAssert.assertClose(
        sketch.run(before).getFirst(), sketch.run(after).getFirst(), 1e-5, 1e-5, "attention");
    return after;
  }

  @Test
  void headsAreReadAndWrittenWhereTheyLie() {
    Value scores = sketch.node("MatMul", heads(LENGTH, 0, 2, 1, 3), heads(LENGTH, 0, 2, 3, 1));
    Graph after = rewritten(attention(scores, heads(LENGTH, 0, 2, 1, 3)));
    assertEquals(
        List.of("Attention"), after.nodes().stream().map(n -> n.operator().name()).toList());
  }

  @ParameterizedTest(name = "mask {0}x{1}x{2}")
  @CsvSource({"2,1,1", "1,1,1", "2,1,37", "2,3,1", "1,3,37"})
  void masksOfAnyShapeAreAdded(int batch, int heads, int queries) {
    Value scores = sketch.node("MatMul", heads(LENGTH, 0, 2, 1, 3), heads(19, 0, 2, 3, 1));
    Value masked = sketch.node("Add", sketch.input(batch, heads, queries, 19), scores);
    Graph after = rewritten(attention(masked, heads(19, 0, 2, 1, 3)));
    assertEquals(1, Sketched.count(after, "Attention"));
    assertEquals(0, Sketched.count(after, "Add"));
  }

  @Test
  void scoresThatSomethingElseReadsStay() {
    Value scores = sketch.node("MatMul", heads(LENGTH, 0, 2, 1, 3), heads(LENGTH, 0, 2, 3, 1));
    Value output = attention(scores, heads(LENGTH, 0, 2, 1, 3));
    Graph before = sketch.graph(output, scores);
    Graph after = sketch.rewritten(new FuseAttention(), before);
    assertEquals(0, Sketched.count(after, "Attention"));
  }

  @Test
  void softmaxOverQueriesIsNoAttention() {
    Value scores = sketch.node("MatMul", heads(LENGTH, 0, 2, 1, 3), heads(LENGTH, 0, 2, 3, 1));
    Value likely = sketch.node(Attributes.of("Softmax").with("axis", 2L), scores);
    Value output =
        sketch.node(
            Attributes.of("Transpose").ints("perm", 0, 2, 1, 3),
            sketch.node("MatMul", likely, heads(LENGTH, 0, 2, 1, 3)));
    assertEquals(0, Sketched.count(rewritten(output), "Attention"));
  }
}
