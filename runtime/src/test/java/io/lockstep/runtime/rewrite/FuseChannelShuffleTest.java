package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Attributes;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseChannelShuffleTest {

  private final Sketched sketch = new Sketched();

  private Value reshape(Value x, long... shape) {
    return sketch.node(
        "Reshape", x, sketch.constant(Tensors.ofLongs(Shape.of(shape.length), shape)));
  }

  private Value image() {
    return sketch.node("Conv", sketch.input(2, 3, 4, 5), sketch.constant(12, 3, 1, 1));
  }

  private Graph rewritten(Value output) {
    Graph before = sketch.graph(output);
    Graph after = before;
    for (Rewrite pass : List.of(new FuseChannelShuffle(), new ChooseLayout())) {
      after = sketch.rewritten(pass, after);
    }
    List<Tensor> expected = sketch.run(before);
    List<Tensor> actual = sketch.run(after);
    assertEquals(expected.getFirst().shape(), actual.getFirst().shape());
    assertArrayEquals(expected.getFirst().toFloats(), actual.getFirst().toFloats(), 1e-5f);
    return after;
  }

  @Test
  void aShuffledImageStaysInItsLayout() {
    Value split = reshape(sketch.node("Relu", image()), -1, 3, 4, 4, 5);
    Value turned = sketch.node(Attributes.of("Transpose").ints("perm", 0, 2, 1, 3, 4), split);
    Value joined = reshape(turned, -1, 12, 4, 5);
    Graph after = rewritten(sketch.node("Conv", joined, sketch.constant(2, 12, 3, 3), null));
    assertEquals(1, Sketched.count(after, "ChannelShuffle"));
    assertEquals(2, Sketched.count(after, "Transpose"));
    assertEquals(0, Sketched.count(after, "Reshape"));
  }

  @Test
  void otherTranspositionsStay() {
    Value split = reshape(image(), 2, 3, 4, 4, 5);
    Value turned = sketch.node(Attributes.of("Transpose").ints("perm", 0, 2, 1, 4, 3), split);
    assertEquals(0, Sketched.count(rewritten(reshape(turned, 2, 12, 4, 5)), "ChannelShuffle"));
  }

  @Test
  void anImageThatIsReadOtherwiseStays() {
    Value split = reshape(image(), 2, 3, 4, 5, 4);
    Value turned = sketch.node(Attributes.of("Transpose").ints("perm", 0, 2, 1, 3, 4), split);
    assertEquals(0, Sketched.count(rewritten(reshape(turned, 2, 12, 4, 5)), "ChannelShuffle"));
  }
}
