package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What places, arranges and makes elements. */
class PlacingTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  private static Attributes attributes(String operator) {
    return Attributes.of(operator);
  }

  @Test
  void placesUpdatesOneAfterTheOther() {
    Tensor x = Tensors.ofFloats(Shape.of(3), 1, 2, 3);
    Tensor indices = Tensors.ofLongs(Shape.of(3), 1, 1, -1);
    Tensor updates = Tensors.ofFloats(Shape.of(3), 10, 20, 30);
    assertArrayEquals(new float[] {1, 20, 30}, scatter("none", x, indices, updates).toFloats());
    assertArrayEquals(new float[] {1, 32, 33}, scatter("add", x, indices, updates).toFloats());
    assertArrayEquals(new float[] {1, 400, 90}, scatter("mul", x, indices, updates).toFloats());
    assertArrayEquals(new float[] {1, 2, 3}, scatter("min", x, indices, updates).toFloats());
    assertArrayEquals(new float[] {1, 20, 30}, scatter("max", x, indices, updates).toFloats());
  }

  private Tensor scatter(String reduction, Tensor x, Tensor indices, Tensor updates) {
    Attributes attributes = attributes("ScatterElements").with("reduction", reduction);
    return runner.first(ScatterElements.of(attributes), x, indices, updates);
  }

  @Test
  void refusesAReductionThatItDoesNotKnow() {
    assertThrows(
        UnsupportedModelException.class,
        () -> ScatterElements.of(attributes("ScatterElements").with("reduction", "median")));
  }

  @Test
  void placesBlocksOfIntegersExactly() {
    Tensor x = Tensors.ofLongs(Shape.of(2, 2), Long.MAX_VALUE - 1, 0, 1, 2);
    Tensor indices = Tensors.ofLongs(Shape.of(1, 1), 0);
    Tensor updates = Tensors.ofLongs(Shape.of(1, 2), 1, 1);
    Tensor y = runner.first(new ScatterTuples(Placement.ADD), x, indices, updates);
    assertArrayEquals(new long[] {Long.MAX_VALUE, 1, 1, 2}, y.toLongs());
  }

  @Test
  void writesACacheFromEachItemsOwnIndexOn() {
    Tensor cache = Tensors.ofFloats(Shape.of(2, 3, 1), 0, 0, 0, 0, 0, 0);
    Tensor update = Tensors.ofFloats(Shape.of(2, 2, 1), 1, 2, 3, 4);
    Tensor indices = Tensors.vector(0, 2);
    Tensor y = runner.first(new CacheUpdate(-2, true), cache, update, indices);
    assertArrayEquals(new float[] {1, 2, 0, 4, 0, 3}, y.toFloats());
    assertThrows(
        InvalidInputException.class,
        () -> runner.first(new CacheUpdate(-2, false), cache, update, indices));
  }

  @Test
  void padsOldModelsFromTheirAttributes() {
    Pad operator = Pad.of(attributes("Pad").opset(2).ints("pads", 1, -1).with("value", 7f));
    Tensor y = runner.first(operator, Tensors.ofFloats(Shape.of(3), 1, 2, 3));
    assertArrayEquals(new float[] {7, 1, 2}, y.toFloats());
  }

  @Test
  void padsOnlyTheAxesThatAreNamed() {
    Tensor x = Tensors.ofInts(Shape.of(1, 2), 1, 2);
    Tensor y =
        runner.first(
            Pad.of(attributes("Pad")),
            x,
            Tensors.vector(0, 1),
            Tensors.ofInts(Shape.scalar(), 9),
            Tensors.vector(-2));
    assertEquals(Shape.of(2, 2), y.shape());
    assertArrayEquals(new long[] {1, 2, 9, 9}, y.toLongs());
  }

  @Test
  void refusesToRepeatTheEntriesOfAnEmptyAxis() {
    Pad operator = Pad.of(attributes("Pad").with("mode", "edge"));
    Tensor x = Tensors.ofFloats(Shape.of(0));
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class, () -> runner.first(operator, x, Tensors.vector(1, 0)));
    assertEquals("Pad: axis 0 of [0] has no entry to repeat", e.getMessage());
  }

  @Test
  void cutsAndPadsAroundTheCentre() {
    Tensor x = Tensors.ofInts(Shape.of(2, 4), 1, 2, 3, 4, 5, 6, 7, 8);
    Tensor y = runner.first(new CenterCropPad(List.of()), x, Tensors.vector(3, 1));
    assertEquals(Shape.of(3, 1), y.shape());
    assertArrayEquals(new long[] {2, 6, 0}, y.toLongs());
    Tensor wide = runner.first(new CenterCropPad(List.of(-1L)), x, Tensors.vector(7));
    assertArrayEquals(new long[] {0, 1, 2, 3, 4, 0, 0}, Arrays.copyOf(wide.toLongs(), 7));
  }

  @Test
  void marksTheEntryThatAnIndexNames() {
    Tensor indices = Tensors.ofFloats(Shape.of(3), 1, -1, 5);
    Tensor values = Tensors.ofInts(Shape.of(2), 4, 8);
    Tensor rows = runner.first(new OneHot(-1), indices, Tensors.scalar(2L), values);
    assertArrayEquals(new long[] {4, 8, 4, 8, 4, 4}, rows.toLongs());
    Tensor columns = runner.first(new OneHot(0), indices, Tensors.scalar(2L), values);
    assertEquals(Shape.of(2, 3), columns.shape());
    assertArrayEquals(new long[] {4, 4, 4, 8, 8, 4}, columns.toLongs());
  }

  @Test
  void keepsATriangle() {
    Tensor x = Tensors.ofInts(Shape.of(2, 2, 3), 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6);
    Tensor upper = runner.first(new Trilu(true), x);
    assertArrayEquals(new long[] {1, 2, 3, 0, 5, 6, 1, 2, 3, 0, 5, 6}, upper.toLongs());
    Tensor lower = runner.first(new Trilu(false), x, Tensors.scalar(-1L));
    assertArrayEquals(new long[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 0, 0}, lower.toLongs());
    Tensor nothing = runner.first(new Trilu(true), x, Tensors.scalar(100L));
    assertArrayEquals(new long[12], nothing.toLongs());
  }

  @Test
  void reversesEachSequenceUpToItsLength() {
    Tensor x = Tensors.ofInts(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor y = runner.first(new ReverseSequence(0, 1), x, Tensors.vector(2, 3));
    assertArrayEquals(new long[] {2, 1, 3, 6, 5, 4}, y.toLongs());
    assertThrows(
        InvalidInputException.class,
        () -> runner.first(new ReverseSequence(0, 1), x, Tensors.vector(2, 4)));
  }

  @Test
  void makesSpaceOfWhatItMadeDepth() {
    Tensor x = Tensors.zeros(TensorType.of(DType.INT32, 2, 4, 3, 5));
    for (int i = 0; i < x.size(); i++) {
      x.setInt(i, i);
    }
    Tensor space = runner.first(new DepthSpace(true, 2, false), x);
    assertEquals(Shape.of(2, 1, 6, 10), space.shape());
    Tensor depth = runner.first(new DepthSpace(false, 2, false), space);
    assertArrayEquals(x.toLongs(), depth.toLongs());
  }

  @Test
  void drawsADiagonal() {
    Tensor y =
        runner.first(
            new EyeLike(1, DType.INT8.onnxCode()), Tensors.ofFloats(Shape.of(2, 2), 5, 5, 5, 5));
    assertEquals(DType.INT8, y.dtype());
    assertArrayEquals(new long[] {0, 1, 0, 0}, y.toLongs());
  }

  @Test
  void readsBitsAsAnotherType() {
    Tensor y = runner.first(new BitCast(DType.INT32), Tensors.ofFloats(Shape.of(1), 1));
    assertEquals(0x3f800000, y.getInt(0));
    Tensor x = Tensors.ofFloats(Shape.of(1), 1);
    assertThrows(InvalidModelException.class, () -> runner.first(new BitCast(DType.INT64), x));
  }

  @Test
  void refusesUpdatesOfAnotherShape() {
    Tensor x = Tensors.ofFloats(Shape.of(3), 1, 2, 3);
    Tensor updates = Tensors.ofFloats(Shape.of(2), 1, 2);
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class,
            () ->
                runner.first(
                    new ScatterTuples(Placement.REPLACE),
                    x,
                    Tensors.ofLongs(Shape.of(1, 1), 0),
                    updates));
    assertEquals("ScatterND: updates are FLOAT32[2], expected FLOAT32[1]", e.getMessage());
  }
}
