package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Softmax and its family, and the normalisations over the last axes. */
class NormalizationTest {

  static List<KernelSet> kernels() {
    return List.of(ScalarKernels.create(), VectorKernels.create());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxTurnsScoresIntoShares(KernelSet kernels) {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), 0, (float) Math.log(3), 1000, 1000);
    assertValues(
        new double[] {0.25, 0.75, 0.5, 0.5},
        OperatorRunner.on(kernels).first(new Softmax(-1, false, false), x));
    assertValues(
        new double[] {Math.log(0.25), Math.log(0.75), Math.log(0.5), Math.log(0.5)},
        OperatorRunner.on(kernels).first(new Softmax(-1, false, true), x));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxWorksAlongAnyAxisAndType(KernelSet kernels) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16)) {
      Tensor x = Tensors.zeros(TensorType.of(dtype, 2, 2));
      x.setFromDouble(2, Math.log(3));
      Tensor y = OperatorRunner.on(kernels).first(new Softmax(0, false, false), x);
      assertEquals(0.25, y.asDouble(0), 1e-3);
      assertEquals(0.75, y.asDouble(2), 1e-3);
      assertEquals(0.5, y.asDouble(1), 1e-3);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxBeforeVersion13FlattensTheAxesBehind(KernelSet kernels) {
    Operator old = Softmax.of(Attributes.of("Softmax").opset(12));
    Tensor y =
        OperatorRunner.on(kernels).first(old, Tensors.zeros(TensorType.of(DType.FLOAT32, 2, 2, 4)));
    assertEquals(0.125f, y.getFloat(0), 1e-6);
    Operator latest = Softmax.of(Attributes.of("Softmax").opset(13));
    Tensor z =
        OperatorRunner.on(kernels)
            .first(latest, Tensors.zeros(TensorType.of(DType.FLOAT32, 2, 2, 4)));
    assertEquals(0.25f, z.getFloat(0), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void hardmaxMarksTheFirstLargest(KernelSet kernels) {
    Tensor x = Tensors.ofFloats(Shape.of(2, 3), 1, 5, 5, -1, -3, -2);
    assertValues(
        new double[] {0, 1, 0, 1, 0, 0},
        OperatorRunner.on(kernels).first(new Hardmax(-1, false), x));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void layerNormalizationGivesMeanZeroAndDeviationOne(KernelSet kernels) {
    Tensor x = Tensors.ofFloats(Shape.of(2, 4), 1, 2, 3, 4, -10, 10, -10, 10);
    Tensor scale = Tensors.ofFloats(Shape.of(4), 1, 1, 1, 2);
    Tensor bias = Tensors.ofFloats(Shape.of(4), 0, 0, 0, 100);
    double d = Math.sqrt(1.25);
    double[] expected = {-1.5 / d, -0.5 / d, 0.5 / d, 100 + 3 / d, -1, 1, -1, 102};
    assertValues(
        expected,
        OperatorRunner.on(kernels).first(new LayerNormalization(-1, 0, false), x, scale, bias));
    List<Tensor> all =
        OperatorRunner.on(kernels).run(new LayerNormalization(1, 0, true), x, scale, bias);
    assertValues(expected, all.get(0));
    assertEquals(Shape.of(2, 1), all.get(1).shape());
    assertEquals(2.5f, all.get(1).getFloat(0), 1e-6);
    assertEquals(0.1f, all.get(2).getFloat(1), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void layerNormalizationBroadcastsAShorterScale(KernelSet kernels) {
    Tensor x = Tensors.ofFloats(Shape.of(1, 2, 2), 1, 1, 3, 3);
    Tensor scale = Tensors.ofFloats(Shape.of(2, 1), 1, 10);
    assertValues(
        new double[] {-1, -1, 10, 10},
        OperatorRunner.on(kernels).first(new LayerNormalization(1, 0, false), x, scale));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rmsNormalizationDividesByTheRootOfTheMeanSquare(KernelSet kernels) {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), 3, 4, 1, 1);
    Tensor scale = Tensors.ofFloats(Shape.of(2), 1, 2);
    double root = Math.sqrt(12.5);
    assertValues(
        new double[] {3 / root, 8 / root, 1, 2},
        OperatorRunner.on(kernels).first(new RmsNormalization(-1, 0), x, scale));
    Tensor one = Tensors.ofFloats(Shape.of(1), 1);
    assertValues(
        new double[] {3 / root, 4 / root, 1, 1},
        OperatorRunner.on(kernels).first(new RmsNormalization(-1, 0), x, one));
  }

  private static void assertValues(double[] expected, Tensor actual) {
    Tensor wanted = Tensors.zeros(actual.type());
    assertEquals(expected.length, actual.size());
    for (int i = 0; i < expected.length; i++) {
      wanted.setFromDouble(i, expected[i]);
    }
    TensorAssert.assertClose(wanted, actual, 1e-5, 1e-6, "result");
  }
}
