package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators that name shapes, make tensors or change the type of elements. */
class ShapeOperatorsTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());
  private final Tensor x = Tensors.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);

  private static Operator operator(Attributes attributes) {
    return ShapeOperators.table().get(attributes.operator()).apply(attributes);
  }

  private static Operator operator(String name) {
    return operator(Attributes.of(name));
  }

  private Shape reshaped(long... wanted) {
    return runner.first(operator("Reshape"), x, Tensors.vector(wanted)).shape();
  }

  @Test
  void reshapesWithCopiedAndOpenExtents() {
    assertEquals(Shape.of(3, 2), reshaped(3, -1));
    assertEquals(Shape.of(2, 1, 3), reshaped(0, 1, -1));
    assertEquals(Shape.of(6), reshaped(-1));
    Tensor empty = Tensors.zeros(TensorType.of(DType.FLOAT32, 0, 3));
    Operator zeros = operator(Attributes.of("Reshape").with("allowzero", 1L));
    assertEquals(Shape.of(3, 0), runner.first(zeros, empty, Tensors.vector(3, 0)).shape());
  }

  @Test
  void refusesShapesThatDoNotFit() {
    InvalidModelException e = assertThrows(InvalidModelException.class, () -> reshaped(4, -1));
    assertTrue(e.getMessage().contains("[2,3]"), e.getMessage());
    assertThrows(InvalidModelException.class, () -> reshaped(7));
    assertThrows(InvalidModelException.class, () -> reshaped(6, 1, 0));
    assertThrows(InvalidModelException.class, () -> reshaped(-1, -1));
  }

  @Test
  void insertsAndDropsAxes() {
    Tensor wide = runner.first(operator("Unsqueeze"), x, Tensors.vector(-1, 0));
    assertEquals(Shape.of(1, 2, 3, 1), wide.shape());
    assertEquals(
        Shape.of(2, 3, 1), runner.first(operator("Squeeze"), wide, Tensors.vector(0)).shape());
    assertEquals(Shape.of(2, 3), runner.first(operator("Squeeze"), wide).shape());
    assertThrows(
        InvalidModelException.class,
        () -> runner.first(operator("Squeeze"), wide, Tensors.vector(1)));
    Operator attribute = operator(Attributes.of("Unsqueeze").opset(11).ints("axes", 1));
    assertEquals(Shape.of(2, 1, 3), runner.first(attribute, x).shape());
  }

  @Test
  void flattensBeforeAnAxis() {
    Tensor cube = Tensors.zeros(TensorType.of(DType.INT8, 2, 3, 4));
    assertEquals(Shape.of(2, 12), runner.first(operator("Flatten"), cube).shape());
    for (long axis : new long[] {0, 3, -1}) {
      Shape shape =
          runner.first(operator(Attributes.of("Flatten").with("axis", axis)), cube).shape();
      assertEquals(
          axis == 0 ? Shape.of(1, 24) : axis == 3 ? Shape.of(24, 1) : Shape.of(6, 4), shape);
    }
    assertEquals(Shape.of(1, 1), runner.first(new Flatten(0), Tensors.scalar(1f)).shape());
  }

  @Test
  void tellsShapesFromTypesAlone() {
    Operator middle = operator(Attributes.of("Shape").with("start", -2L).with("end", -1L));
    Tensor cube = Tensors.zeros(TensorType.of(DType.INT8, 2, 3, 4));
    assertEquals(List.of(3L), longs(runner.first(middle, cube)));
    assertEquals(
        List.of(3L),
        longs(middle.outputFromTypes(NodeEvaluator.inputs(middle, List.of(cube))).orElseThrow()));
    Operator none = operator(Attributes.of("Shape").with("start", 2L).with("end", 1L));
    assertEquals(List.of(), longs(runner.first(none, cube)));
    assertEquals(List.of(24L), longs(runner.first(operator("Size"), cube)));
  }

  @Test
  void readsEveryFormOfAConstant() {
    assertEquals(
        List.of(4L, 5L),
        longs(runner.first(operator(Attributes.of("Constant").ints("value_ints", 4, 5)))));
    Tensor text = runner.first(operator(Attributes.of("Constant").with("value_string", "hé")));
    assertEquals("hé", text.getString(0));
    assertEquals(Shape.scalar(), text.shape());
    Tensor value = runner.first(operator(Attributes.of("Constant").with("value", x)));
    assertEquals(6f, value.getFloat(5));
    assertThrows(InvalidModelException.class, () -> operator("Constant"));
  }

  @Test
  void fillsAShapeWithOneValue() {
    Tensor zeros = runner.first(operator("ConstantOfShape"), Tensors.vector(2, 2));
    assertEquals(DType.FLOAT32, zeros.dtype());
    assertEquals(0f, zeros.getFloat(3));
    Operator sevens = operator(Attributes.of("ConstantOfShape").with("value", Tensors.vector(7)));
    assertEquals(List.of(7L, 7L), longs(runner.first(sevens, Tensors.vector(2))));
    assertEquals(0, runner.first(sevens, Tensors.vector(2, 0)).size());
    Tensor scalar = runner.first(sevens, Tensors.zeros(TensorType.of(DType.INT64, 0)));
    assertEquals(Shape.scalar(), scalar.shape());
    assertEquals(7, scalar.getLong(0));
  }

  @Test
  void countsUpAndDown() {
    assertEquals(List.of(10L, 7L, 4L), longs(range(10, 3, -3)));
    assertEquals(List.of(), longs(range(0, -1, 1)));
    Tensor floats =
        runner.first(
            operator("Range"), Tensors.scalar(1f), Tensors.scalar(2f), Tensors.scalar(0.4f));
    assertEquals(3, floats.size());
    assertEquals(1.8f, floats.getFloat(2), 1e-6);
    assertThrows(InvalidModelException.class, () -> range(0, 1, 0));
  }

  private Tensor range(long start, long limit, long delta) {
    return runner.first(
        operator("Range"), Tensors.scalar(start), Tensors.scalar(limit), Tensors.scalar(delta));
  }

  @Test
  void namesTheIndexThatIsOutOfRange() {
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> runner.first(new Gather(1), x, Tensors.vector(0, 3)));
    assertTrue(e.getMessage().contains("3"), e.getMessage());
  }

  @Test
  void castsNumbersExactly() {
    Tensor big = Tensors.vector((1L << 53) + 1, -1, Long.MIN_VALUE);
    assertEquals((float) ((1L << 53) + 1), cast(big, DType.FLOAT32).getFloat(0));
    assertEquals((int) ((1L << 53) + 1), cast(big, DType.INT32).getInt(0));
    assertEquals((byte) 0xFF, cast(big, DType.UINT8).getByte(1));
    Tensor unsigned = cast(big, DType.UINT64);
    assertEquals(0x1p64, cast(unsigned, DType.FLOAT64).getDouble(1), 4096);
    Tensor floats = Tensors.ofFloats(Shape.of(4), 1.9f, -1.9f, 0, Float.NaN);
    assertEquals(List.of(1L, -1L, 0L, 0L), longs(cast(floats, DType.INT64)));
    assertEquals(List.of(1L, 1L, 0L, 1L), longs(cast(floats, DType.BOOL)));
    assertEquals(
        List.of(1L, 0L), longs(cast(Tensors.ofBooleans(Shape.of(2), true, false), DType.INT8)));
    Tensor half = cast(Tensors.ofFloats(Shape.of(2), 65504, 1e-7f), DType.FLOAT16);
    assertEquals(65504, half.asDouble(0));
  }

  @Test
  void castsTextToNumbersAndBack() {
    Tensor text = Tensors.ofStrings(Shape.of(4), "3.14", "-INF", "NaN", " 1e3 ");
    Tensor numbers = cast(text, DType.FLOAT64);
    assertEquals(3.14, numbers.getDouble(0));
    assertEquals(Double.NEGATIVE_INFINITY, numbers.getDouble(1));
    assertTrue(Double.isNaN(numbers.getDouble(2)));
    assertEquals(1000, numbers.getDouble(3));
    assertEquals("3.14", cast(numbers, DType.STRING).getString(0));
    assertEquals("NaN", cast(numbers, DType.STRING).getString(2));
    Tensor wide = cast(Tensors.ofStrings(Shape.of(1), "9223372036854775807"), DType.INT64);
    assertEquals(Long.MAX_VALUE, wide.getLong(0));
    assertEquals("9223372036854775807", cast(wide, DType.STRING).getString(0));
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> cast(Tensors.ofStrings(Shape.of(1), "ten"), DType.FLOAT32));
    assertTrue(e.getMessage().contains("ten"), e.getMessage());
  }

  private Tensor cast(Tensor from, DType to) {
    return runner.first(new Cast(to), from);
  }

  @Test
  void cutsIntoPartsOfWhichTheLastIsSmaller() {
    Tensor seven = Tensors.vector(0, 1, 2, 3, 4, 5, 6);
    Operator three = operator(Attributes.of("Split").with("num_outputs", 3L).outputs(3));
    List<Tensor> parts = runner.run(three, seven);
    assertEquals(List.of(0L, 1L, 2L), longs(parts.get(0)));
    assertEquals(List.of(6L), longs(parts.get(2)));
    List<Tensor> given =
        runner.run(operator(Attributes.of("Split").outputs(2)), seven, Tensors.vector(0, 7));
    assertEquals(0, given.get(0).size());
    assertEquals(7, given.get(1).size());
    assertThrows(
        InvalidModelException.class,
        () -> runner.run(operator(Attributes.of("Split").outputs(2)), seven, Tensors.vector(3, 3)));
  }

  private static List<Long> longs(Tensor tensor) {
    return Arrays.stream(tensor.toLongs()).boxed().toList();
  }
}
