package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.Reduce.Kind;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reductions over any axes against their definition. */
class ReductionPropertyTest {

  private final OperatorRunner scalar = OperatorRunner.on(ScalarKernels.create());

  @Test
  void reducesLikeTheDefinitionOnScalarKernels() {
    reducesLikeTheDefinition(ScalarKernels.create());
  }

  @Test
  void reducesLikeTheDefinitionOnVectorKernels() {
    reducesLikeTheDefinition(VectorKernels.create());
  }

  private static void reducesLikeTheDefinition(KernelSet kernels) {
    OperatorRunner runner = OperatorRunner.on(kernels);
    Seeds.forAll(
        200,
        random -> {
          int[] extents = random.ints(random.nextInt(1, 5), 1, 9).toArray();
          DType dtype = random.nextBoolean() ? DType.FLOAT32 : DType.FLOAT64;
          Tensor x = Tensors.zeros(TensorType.of(dtype, extents));
          for (long i = 0; i < x.size(); i++) {
            x.setFromDouble(i, random.nextDouble() + 0.5);
          }
          List<Long> axes = new ArrayList<>();
          for (int axis = 0; axis < extents.length; axis++) {
            if (random.nextBoolean()) {
              axes.add((long) (random.nextBoolean() ? axis : axis - extents.length));
            }
          }
          List<Kind> kinds = List.of(Kind.values());
          Kind kind = kinds.get(random.nextInt(kinds.size()));
          Tensor y = runner.first(new Reduction(kind, axes, true, false), x);
          for (long i = 0; i < y.size(); i++) {
            double expected = expected(kind, x, y.shape(), RandomTensors.coordinates(y.shape(), i));
            assertEquals(
                expected, y.asDouble(i), 1e-4 * Math.abs(expected) + 1e-5, kind + " " + axes);
          }
        });
  }

  private static double expected(Kind kind, Tensor x, Shape y, int[] at) {
    double sum = 0;
    double squares = 0;
    double exponentials = 0;
    double product = 1;
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    int count = 0;
    for (long i = 0; i < x.size(); i++) {
      int[] own = RandomTensors.coordinates(x.shape(), i);
      boolean matches = true;
      for (int axis = 0; axis < own.length; axis++) {
        matches &= y.extent(axis) == 1 || own[axis] == at[axis];
      }
      if (matches) {
        double value = x.asDouble(i);
        count++;
        sum += value;
        squares += value * value;
        exponentials += Math.exp(value);
        product *= value;
        max = Math.max(max, value);
        min = Math.min(min, value);
      }
    }
    return switch (kind) {
      case SUM, L1 -> sum;
      case MEAN -> sum / count;
      case MAX -> max;
      case MIN -> min;
      case PRODUCT -> product;
      case SUM_SQUARE -> squares;
      case L2 -> Math.sqrt(squares);
      case LOG_SUM -> Math.log(sum);
      case LOG_SUM_EXP -> Math.log(exponentials);
    };
  }

  @Test
  void givesNeutralElementsForEmptySets() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      Tensor empty = Tensors.zeros(TensorType.of(dtype, 2, 0, 3));
      assertEquals(0, reduced(Kind.SUM, empty));
      assertEquals(1, reduced(Kind.PRODUCT, empty));
      assertEquals(Double.NEGATIVE_INFINITY, reduced(Kind.MAX, empty));
      assertEquals(Double.POSITIVE_INFINITY, reduced(Kind.MIN, empty));
      assertEquals(Double.NEGATIVE_INFINITY, reduced(Kind.LOG_SUM_EXP, empty));
    }
    Tensor integers = Tensors.zeros(TensorType.of(DType.INT8, 2, 0, 3));
    assertEquals(-128, reduced(Kind.MAX, integers));
    assertEquals(127, reduced(Kind.MIN, integers));
  }

  private double reduced(Kind kind, Tensor x) {
    Tensor y = scalar.first(new Reduction(kind, List.of(1L), false, false), x);
    assertEquals(Shape.of(2, 3), y.shape());
    return y.asDouble(5);
  }

  @Test
  void addsWideIntegersExactly() {
    Tensor x = Tensors.ofLongs(Shape.of(3), Long.MAX_VALUE, -1, -5);
    Tensor y = scalar.first(new Reduction(Kind.SUM, List.of(), false, false), x);
    assertEquals(Shape.scalar(), y.shape());
    assertEquals(Long.MAX_VALUE - 6, y.getLong(0));
    Tensor max = scalar.first(new Reduction(Kind.MAX, List.of(), false, false), x);
    assertEquals(Long.MAX_VALUE, max.getLong(0));
  }

  @Test
  void takesAxesFromAnInputToo() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Reduction operator = new Reduction(Kind.SUM, List.of(), false, false);
    Tensor y = scalar.first(operator, x, Tensors.vector(-1));
    assertEquals(Shape.of(2), y.shape());
    assertEquals(15, y.getFloat(1));
  }

  @Test
  void doesNothingWithoutAxesWhenToldSo() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), -1, 2, 3, 4);
    Reduction operator = new Reduction(Kind.L1, List.of(), true, true);
    Tensor y = scalar.first(operator, x, Tensors.zeros(TensorType.of(DType.INT64, 0)));
    assertEquals(Shape.of(2, 2), y.shape());
    assertEquals(-1, y.getFloat(0));
  }

  @Test
  void doesNotLetZerosBehindTheLastElementChangeASum() {
    Seeds.forAll(
        40,
        random -> {
          OperatorRunner runner = OperatorRunner.on(VectorKernels.create());
          int length = random.nextInt(1, 60);
          Tensor x = Tensors.zeros(TensorType.of(DType.FLOAT32, length));
          Tensor padded = Tensors.zeros(TensorType.of(DType.FLOAT32, length + 21));
          for (int i = 0; i < length; i++) {
            float value = (float) random.nextGaussian();
            x.setFloat(i, value);
            padded.setFloat(i, value);
          }
          Reduction sum = new Reduction(Kind.SUM, List.of(0L), false, false);
          assertEquals(
              Float.floatToIntBits(runner.first(sum, x).getFloat(0)),
              Float.floatToIntBits(runner.first(sum, padded).getFloat(0)));
        });
  }
}
