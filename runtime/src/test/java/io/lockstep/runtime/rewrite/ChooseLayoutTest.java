package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Attributes;
import io.lockstep.runtime.operator.Transpose;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChooseLayoutTest {

  private final Sketched sketch = new Sketched();

  private static Attributes window(String operator) {
    return Attributes.of(operator).ints("kernel_shape", 2, 2).ints("strides", 2, 2);
  }

  /** Rewrites and checks that the outputs stay what they were. */
  private Graph rewritten(Value... outputs) {
    Graph before = sketch.graph(outputs);
    Graph after = sketch.rewritten(new ChooseLayout(), before);
    List<Tensor> expected = sketch.run(before);
    List<Tensor> actual = sketch.run(after);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).shape(), actual.get(i).shape());
      TensorAssert.assertClose(expected.get(i), actual.get(i), 1e-5, 1e-5, "output " + i);
    }
    return after;
  }

  @Test
  void imagesAreTransposedWhereTheyEnterAndLeaveOnly() {
    Value hidden = sketch.node("Relu", sketch.conv(sketch.input(2, 3, 8, 6), 3, 5));
    Value pooled = sketch.node(window("MaxPool"), hidden);
    Value scaled = sketch.node("Mul", pooled, sketch.constant(5, 1, 1));
    Graph after = rewritten(sketch.conv(scaled, 5, 4));
    assertEquals(2, Sketched.count(after, "Transpose"));
  }

  @Test
  void constantsBroadcastAsBefore() {
    Value image = sketch.conv(sketch.input(2, 3, 4, 6), 3, 5);
    Value perColumn = sketch.node("Add", image, sketch.constant(6));
    Value perRow = sketch.node("Mul", sketch.constant(4, 1), perColumn);
    Value perChannel = sketch.node("Sub", perRow, sketch.constant(1, 5, 1, 1));
    Graph after = rewritten(sketch.node("Div", perChannel, sketch.constant(1)));
    assertEquals(2, Sketched.count(after, "Transpose"));
  }

  @Test
  void axesFollowTheChannels() {
    Value x = sketch.input(2, 3, 4, 6);
    Value a = sketch.conv(x, 3, 4);
    Value b = sketch.conv(x, 3, 2);
    Value joined = sketch.node(Attributes.of("Concat").with("axis", 1L), a, b);
    Value stacked = sketch.node(Attributes.of("Concat").with("axis", -1L), joined, joined);
    Value likely = sketch.node(Attributes.of("Softmax").with("axis", 1L), stacked);
    Value resized =
        sketch.node(
            Attributes.of("Resize").with("mode", "linear"),
            likely,
            null,
            sketch.constant(Tensors.ofFloats(Shape.of(4), new float[] {1, 1, 2, 1.5f})));
    Graph after = rewritten(sketch.node("GlobalAveragePool", resized));
    assertEquals(2, Sketched.count(after, "Transpose"));
  }

  @Test
  void normalisationsPoolingsAndTransposedConvolutionsKeepTheLayout() {
    Value image = sketch.conv(sketch.input(2, 3, 8, 6), 3, 4);
    Value normal =
        sketch.node(
            "BatchNormalization",
            image,
            sketch.constant(4),
            sketch.constant(4),
            sketch.constant(4),
            sketch.constant(positive(4)));
    Value local = sketch.node(Attributes.of("LRN").with("size", 3L), normal);
    Value pooled = sketch.node(window("AveragePool"), local);
    Value larger =
        sketch.node(
            Attributes.of("ConvTranspose").ints("strides", 2, 2).ints("pads", 1, 0, 0, 1),
            pooled,
            sketch.constant(4, 3, 3, 2),
            sketch.constant(3));
    Graph after = rewritten(sketch.node("GlobalMaxPool", larger), larger);
    assertEquals(3, Sketched.count(after, "Transpose"));
  }

  private static Tensor positive(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 1 + i;
    }
    return Tensors.ofFloats(Shape.of(count), values);
  }

  @Test
  void aTranspositionThatUndoesTheLayoutMovesNothing() {
    Value image = sketch.conv(sketch.input(2, 3, 4, 6), 3, 5);
    Attributes undo = Attributes.of("Transpose").ints("perm", 0, 2, 3, 1);
    Graph after = rewritten(sketch.node(undo, image));
    long moving =
        after.nodes().stream()
            .filter(node ->
                node.operator() instanceof Transpose t
                    && !t.permutation().equals(List.of(0, 1, 2, 3)))
            .count();
    assertEquals(1, moving);
  }

  @Test
  void whatMindsTheLayoutGetsImagesAsTheyWere() {
    Value image = sketch.conv(sketch.input(2, 3, 4, 6), 3, 5);
    Value flat = sketch.node("Flatten", image);
    Value unknown = sketch.node("Add", image, sketch.node("Identity", sketch.input(2, 5, 4, 6)));
    rewritten(flat, unknown, image);
  }

  @Test
  void soundsWithOneSpatialAxisAreImagesToo() {
    Value wave = sketch.input(2, 3, 40);
    Value hidden =
        sketch.node(
            Attributes.of("Conv").ints("strides", 2),
            wave,
            sketch.constant(6, 3, 5),
            sketch.constant(6));
    Value grouped =
        sketch.node(
            Attributes.of("Conv").with("group", 6L).ints("dilations", 2),
            sketch.node("Sigmoid", hidden),
            sketch.constant(6, 1, 3));
    Graph after = rewritten(grouped);
    assertEquals(2, Sketched.count(after, "Transpose"));
  }
}
