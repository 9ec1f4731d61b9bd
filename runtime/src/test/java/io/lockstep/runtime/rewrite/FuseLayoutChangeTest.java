package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Attributes;
import io.lockstep.runtime.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseLayoutChangeTest {

  private final Sketched sketch = new Sketched();

  /** Rewrites, checks that the outputs stay what they were, and counts transpositions. */
  private long transpositionsLeft(Value... outputs) {
    Graph before = sketch.graph(outputs);
    Graph turned = sketch.rewritten(new ChooseLayout(), before);
    Graph after = sketch.rewritten(new FuseLayoutChange(), turned);
    List<Tensor> expected = sketch.run(before);
    List<Tensor> actual = sketch.run(after);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).shape(), actual.get(i).shape());
      TensorAssert.assertClose(expected.get(i), actual.get(i), 1e-5, 1e-5, "output " + i);
    }
    return Sketched.count(after, "Transpose");
  }

  @Test
  void aConvolutionAloneTurnsItsImagesItself() {
    assertEquals(0, transpositionsLeft(sketch.conv(sketch.input(2, 3, 8, 6), 3, 5)));
  }

  @Test
  void theFirstConvolutionTurnsWhatEntersAndTheLastOneWhatLeaves() {
    Value hidden = sketch.node("Relu", sketch.conv(sketch.input(2, 3, 8, 6), 3, 5));
    assertEquals(0, transpositionsLeft(sketch.conv(hidden, 5, 4)));
  }

  @Test
  void anImageThatSeveralReadIsTurnedOnce() {
    Value x = sketch.input(2, 3, 8, 6);
    Value sum = sketch.node("Add", sketch.conv(x, 3, 5), sketch.conv(x, 3, 5));
    assertEquals(2, transpositionsLeft(sum));
  }

  @Test
  void aResultThatIsAlsoReadWithChannelsLastIsTurnedApart() {
    Value first = sketch.conv(sketch.input(2, 3, 8, 6), 3, 5);
    assertEquals(1, transpositionsLeft(first, sketch.conv(first, 5, 4)));
  }

  @Test
  void soundsWithOneSpatialAxisAreTurnedToo() {
    Value hidden =
        sketch.node("Conv", sketch.input(2, 3, 40), sketch.constant(4, 3, 5), sketch.constant(4));
    assertEquals(0, transpositionsLeft(hidden));
  }

  @Test
  void transposedConvolutionsTurnTheirImagesThemselves() {
    for (int kernel : new int[] {2, 3}) {
      Value alone = upsampled(sketch.input(2, 3, 8, 6), 3, 5, kernel);
      assertEquals(0, transpositionsLeft(alone));
      Value between = upsampled(sketch.conv(sketch.input(2, 3, 4, 5), 3, 7), 7, 4, kernel);
      assertEquals(0, transpositionsLeft(sketch.conv(between, 4, 2)));
    }
  }

  /** Twice as large; with a kernel of 2 no windows overlap. */
  private Value upsampled(Value x, int channels, int filters, int kernel) {
    return sketch.node(
        Attributes.of("ConvTranspose").ints("strides", 2, 2),
        x,
        sketch.constant(channels, filters, kernel, kernel),
        sketch.constant(filters));
  }

  @Test
  void depthwiseConvolutionsStayAsTheyAre() {
    Value hidden =
        sketch.node(
            Attributes.of("Conv").with("group", 4L),
            sketch.input(2, 4, 8, 6),
            sketch.constant(4, 1, 3, 3));
    assertEquals(2, transpositionsLeft(hidden));
  }
}
