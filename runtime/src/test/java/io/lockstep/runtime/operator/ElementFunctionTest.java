package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Functions of single elements, at the values where definitions differ. */
class ElementFunctionTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  private Operator operator(String name) {
    return operator(Attributes.of(name));
  }

  private Operator operator(Attributes attributes) {
    var math = MathOperators.table().get(attributes.operator());
    return (math != null ? math : ElementOperators.table().get(attributes.operator()))
        .apply(attributes);
  }

  private static Tensor floats(float... values) {
    return Tensors.ofFloats(Shape.of(values.length), values);
  }

  private void assertMaps(Operator operator, float[] x, float[] y) {
    TensorAssert.assertClose(
        floats(y), runner.first(operator, floats(x)), 2e-6, 1e-7, operator.name());
  }

  @Test
  void activationsFollowTheirFormulas() {
    float[] x = {-2, -0.5f, 0, 0.5f, 2};
    assertMaps(operator("Relu"), x, new float[] {0, 0, 0, 0.5f, 2});
    assertMaps(operator("LeakyRelu"), x, new float[] {-0.02f, -0.005f, 0, 0.5f, 2});
    assertMaps(operator("HardSigmoid"), x, new float[] {0.1f, 0.4f, 0.5f, 0.6f, 0.9f});
    assertMaps(operator("HardSwish"), x, new float[] {-1 / 3f, -5 / 24f, 0, 7 / 24f, 5 / 3f});
    assertMaps(operator("ThresholdedRelu"), x, new float[] {0, 0, 0, 0, 2});
    assertMaps(
        operator(Attributes.of("Shrink").with("lambd", 0.5f).with("bias", 0.25f)),
        x,
        new float[] {-1.75f, 0, 0, 0, 1.75f});
    assertMaps(
        operator(Attributes.of("Celu").with("alpha", 2f)),
        new float[] {-2, 3},
        new float[] {(float) (2 * Math.expm1(-1)), 3});
    assertMaps(operator("Selu"), new float[] {-1, 1}, new float[] {-1.111331f, 1.050701f});
    assertMaps(operator("Mish"), new float[] {0, 1}, new float[] {0, 0.8650984f});
  }

  @Test
  void inverseHyperbolicsAreGoodNearZero() {
    assertMaps(operator("Asinh"), new float[] {1e-4f, -1e-4f}, new float[] {1e-4f, -1e-4f});
    assertMaps(operator("Atanh"), new float[] {0.5f}, new float[] {0.54930615f});
    assertMaps(operator("Acosh"), new float[] {1, 2}, new float[] {0, 1.316958f});
  }

  @Test
  void roundsHalvesToEven() {
    float[] x = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f};
    assertMaps(operator("Round"), x, new float[] {0, 2, 2, -0f, -2});
  }

  @Test
  void integersStayExact() {
    Tensor x = Tensors.vector(Long.MIN_VALUE + 1, -3, 5);
    assertEquals(Long.MAX_VALUE, runner.first(operator("Abs"), x).getLong(0));
    assertEquals(3, runner.first(operator("Neg"), x).getLong(1));
    assertEquals(-1, runner.first(operator("Sign"), x).getLong(0));
    assertEquals(0, runner.first(operator("Relu"), x).getLong(1));
  }

  @Test
  void remaindersTakeTheSignTheyAreToldTo() {
    Tensor x = Tensors.ofInts(Shape.of(4), 7, -7, 7, -7);
    Tensor y = Tensors.ofInts(Shape.of(4), 3, 3, -3, 0);
    assertEquals(List.of(1L, 2L, -2L, 0L), longs(runner.first(operator("Mod"), x, y)));
    assertEquals(
        List.of(1L, -1L, 1L, 0L),
        longs(runner.first(operator(Attributes.of("Mod").with("fmod", 1L)), x, y)));
  }

  @Test
  void shiftsByTheWidthLeaveNothing() {
    Tensor x = Tensors.ofBytes(DType.UINT8, Shape.of(3), (byte) 0xFF, (byte) 1, (byte) 1);
    Tensor y = Tensors.ofBytes(DType.UINT8, Shape.of(3), (byte) 4, (byte) 8, (byte) 64);
    Operator left = operator(Attributes.of("BitShift").with("direction", "LEFT"));
    assertEquals(List.of(0xF0L, 0L, 0L), longs(runner.first(left, x, y)));
    Operator right = operator(Attributes.of("BitShift").with("direction", "RIGHT"));
    assertEquals(List.of(0x0FL, 0L, 0L), longs(runner.first(right, x, y)));
    assertThrows(
        InvalidModelException.class,
        () -> operator(Attributes.of("BitShift").with("direction", "UP")));
  }

  @Test
  void bitwiseFunctionsKeepTheType() {
    Tensor x = Tensors.ofBytes(DType.INT8, Shape.of(2), (byte) 0b0110, (byte) -1);
    Tensor y = Tensors.ofBytes(DType.INT8, Shape.of(1), (byte) 0b0011);
    assertEquals(List.of(2L, 3L), longs(runner.first(operator("BitwiseAnd"), x, y)));
    assertEquals(List.of(7L, -1L), longs(runner.first(operator("BitwiseOr"), x, y)));
    assertEquals(List.of(5L, -4L), longs(runner.first(operator("BitwiseXor"), x, y)));
    assertEquals(List.of(-7L, 0L), longs(runner.first(operator("BitwiseNot"), x)));
  }

  @Test
  void tellsSpecialFloatsApart() {
    Tensor x = floats(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0);
    assertEquals(List.of(1L, 0L, 0L, 0L), longs(runner.first(operator("IsNaN"), x)));
    assertEquals(List.of(0L, 1L, 1L, 0L), longs(runner.first(operator("IsInf"), x)));
    Operator negative = operator(Attributes.of("IsInf").with("detect_positive", 0L));
    assertEquals(List.of(0L, 0L, 1L, 0L), longs(runner.first(negative, x)));
  }

  @Test
  void clipsByAttributesAndByInputs() {
    Tensor x = floats(-3, 0.5f, 9, Float.NaN);
    Tensor y = runner.first(operator(Attributes.of("Clip").with("min", 0f).with("max", 6f)), x);
    TensorAssert.assertClose(floats(0, 0.5f, 6, Float.NaN), y, 0, 0, "attributes");
    for (boolean constants : new boolean[] {true, false}) {
      OperatorRunner own = OperatorRunner.on(ScalarKernels.create());
      Tensor z =
          (constants ? own : own.withoutConstants())
              .first(operator("Clip"), x, null, Tensors.scalar(1f));
      TensorAssert.assertClose(floats(-3, 0.5f, 1, Float.NaN), z, 0, 0, "inputs");
    }
    Tensor wide =
        runner.first(
            operator("Clip"),
            Tensors.vector(Long.MAX_VALUE, -9),
            Tensors.scalar(-1L),
            Tensors.scalar(Long.MAX_VALUE - 1));
    assertEquals(List.of(Long.MAX_VALUE - 1, -1L), longs(wide));
  }

  @Test
  void bringsAnyNumberOfInputsTogether() {
    Tensor a = floats(1, 5);
    Tensor b = Tensors.ofFloats(Shape.of(2, 1), 2, 3);
    Tensor c = Tensors.scalar(4f);
    assertEquals(List.of(4f, 5f, 4f, 5f), list(runner.first(variadic("Max", 3), a, b, c)));
    assertEquals(List.of(1f, 2f, 1f, 3f), list(runner.first(variadic("Min", 3), a, b, c)));
    assertEquals(List.of(7f, 11f, 8f, 12f), list(runner.first(variadic("Sum", 3), a, b, c)));
    assertEquals(List.of(3f, 7f), list(runner.first(variadic("Mean", 2), a, floats(5, 9))));
    assertEquals(List.of(1f, 5f), list(runner.first(variadic("Sum", 1), a)));
  }

  private Operator variadic(String name, int inputs) {
    return operator(Attributes.of(name).inputs(inputs));
  }

  @Test
  void powersKeepTheTypeOfTheBase() {
    Operator power = new Binary("Pow", BinaryFunction.POW);
    Tensor y = runner.first(power, Tensors.ofInts(Shape.of(3), 2, -3, 7), Tensors.scalar(2f));
    assertEquals(DType.INT32, y.dtype());
    assertEquals(List.of(4L, 9L, 49L), longs(y));
    assertEquals(List.of(9f, 16f), list(runner.first(power, floats(-3, 4), Tensors.scalar(2f))));
  }

  @Test
  void comparesUnsignedAndSpecialValues() {
    Tensor x = Tensors.zeros(TensorType.of(DType.UINT64, 2));
    x.setLong(0, -1);
    x.setLong(1, 3);
    Tensor y = Tensors.zeros(TensorType.of(DType.UINT64, 2));
    y.setLong(0, 5);
    y.setLong(1, 5);
    Operator greater = LogicOperators.table().get("Greater").apply(Attributes.of("Greater"));
    assertEquals(List.of(1L, 0L), longs(runner.first(greater, x, y)));
    Operator equal = LogicOperators.table().get("Equal").apply(Attributes.of("Equal"));
    Tensor nan = floats(Float.NaN, 0f);
    assertEquals(List.of(0L, 1L), longs(runner.first(equal, nan, floats(Float.NaN, -0f))));
    Tensor words = Tensors.ofStrings(Shape.of(2), "a", "b");
    assertEquals(
        List.of(1L, 0L), longs(runner.first(equal, words, Tensors.ofStrings(Shape.of(1), "a"))));
  }

  @Test
  void broadcastsFromAnAxisAsBeforeVersion7() {
    Operator old = operator(Attributes.of("Add").opset(6).with("broadcast", 1L).with("axis", 0L));
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);
    assertEquals(List.of(11f, 12f, 23f, 24f), list(runner.first(old, x, floats(10, 20))));
    Operator slopes = operator(Attributes.of("PRelu").opset(6));
    Tensor negative = Tensors.ofFloats(Shape.of(1, 2, 1), -1, -1);
    assertEquals(List.of(-2f, -3f), list(runner.first(slopes, negative, floats(2, 3))));
    InvalidModelException e =
        assertThrows(InvalidModelException.class, () -> runner.first(old, x, floats(1, 2, 3)));
    assertTrue(e.getMessage().contains("[2,2]"), e.getMessage());
  }

  @Test
  void combinesTruthValues() {
    Tensor x = Tensors.ofBooleans(Shape.of(4), true, true, false, false);
    Tensor y = Tensors.ofBooleans(Shape.of(4), true, false, true, false);
    assertEquals(List.of(1L, 0L, 0L, 0L), longs(runner.first(logic("And"), x, y)));
    assertEquals(List.of(1L, 1L, 1L, 0L), longs(runner.first(logic("Or"), x, y)));
    assertEquals(List.of(0L, 1L, 1L, 0L), longs(runner.first(logic("Xor"), x, y)));
    assertEquals(List.of(0L, 0L, 1L, 1L), longs(runner.first(logic("Not"), x)));
  }

  private static Operator logic(String name) {
    return LogicOperators.table().get(name).apply(Attributes.of(name));
  }

  @Test
  void dropoutPassesEverythingAtInference() {
    Tensor x = floats(1, 2);
    List<Tensor> both = runner.run(operator(Attributes.of("Dropout").outputs(2)), x);
    assertEquals(List.of(1f, 2f), list(both.get(0)));
    assertEquals(List.of(1L, 1L), longs(both.get(1)));
    UnsupportedModelException e =
        assertThrows(
            UnsupportedModelException.class,
            () ->
                runner.first(
                    operator("Dropout"),
                    x,
                    Tensors.scalar(0.5f),
                    Tensors.ofBooleans(Shape.scalar(), true)));
    assertTrue(e.getMessage().contains("training_mode"), e.getMessage());
  }

  private static List<Long> longs(Tensor tensor) {
    return Arrays.stream(tensor.toLongs()).boxed().toList();
  }

  private static List<Float> list(Tensor tensor) {
    List<Float> values = new ArrayList<>();
    for (float value : tensor.toFloats()) {
      values.add(value);
    }
    return values;
  }
}
