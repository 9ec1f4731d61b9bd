package io.lockstep.runtime.operator;

import static io.lockstep.runtime.operator.OnnxRuntimeReference.assertAgrees;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OrtException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators over images, against ONNX Runtime and by hand, on both portable backends. */
final class ImageOperatorsTest {

  private static final List<KernelSet> BACKENDS =
      List.of(ScalarKernels.create(), VectorKernels.create());

  private final Random random = new Random(5);

  private Tensor floats(int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(DType.FLOAT32, extents));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  private static void check(Attributes attributes, Tensor... in) throws OrtException {
    attributes.opset(19);
    List<Tensor> expected = OnnxRuntimeReference.run("", attributes, 0, in);
    Operator operator = ImageOperators.table().get(attributes.operator()).apply(attributes);
    for (KernelSet kernels : BACKENDS) {
      for (boolean constant : new boolean[] {true, false}) {
        OperatorRunner runner = OperatorRunner.on(kernels);
        List<Tensor> actual = (constant ? runner : runner.withoutConstants()).run(operator, in);
        for (int i = 0; i < expected.size(); i++) {
          assertAgrees(expected.get(i), actual.get(i), 1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void convolvesOverOneToThreeAxes(int rank) throws OrtException {
    int[][] x = {{2, 4, 9}, {2, 4, 9, 7}, {2, 4, 6, 5, 7}};
    int[][] w = {{6, 2, 3}, {6, 2, 3, 2}, {6, 2, 2, 3, 2}};
    Attributes attributes = Attributes.of("Conv").with("group", 2L);
    long[] pads = new long[2 * rank];
    pads[0] = 1;
    pads[2 * rank - 1] = 2;
    long[] strides = new long[rank];
    Arrays.fill(strides, 2);
    check(
        attributes.ints("pads", pads).ints("strides", strides),
        floats(x[rank - 1]),
        floats(w[rank - 1]),
        floats(6));
  }

  @Test
  void convolvesDepthwiseWithDilation() throws OrtException {
    check(
        Attributes.of("Conv").with("group", 5L).ints("dilations", 2, 3).ints("pads", 2, 3, 2, 3),
        floats(3, 5, 11, 12),
        floats(5, 1, 3, 3),
        floats(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SAME_UPPER", "SAME_LOWER", "VALID"})
  void padsByItself(String autoPad) throws OrtException {
    check(
        Attributes.of("Conv").with("auto_pad", autoPad).ints("strides", 2, 2),
        floats(1, 3, 7, 8),
        floats(4, 3, 3, 2));
  }

  @Test
  void convolutionGivesAnImageTheSameBitsInAnyBatch() {
    Operator conv = Conv.of(Attributes.of("Conv").ints("pads", 1, 1, 1, 1));
    Tensor x = floats(5, 3, 8, 9);
    Tensor weights = floats(7, 3, 3, 3);
    Tensor bias = floats(7);
    for (KernelSet kernels : BACKENDS) {
      Tensor all = OperatorRunner.on(kernels).first(conv, x, weights, bias);
      for (int image = 0; image < 5; image++) {
        Tensor one = Tensors.zeros(TensorType.of(DType.FLOAT32, 1, 3, 8, 9));
        one.segment().copyFrom(x.segment().asSlice(image * one.type().bytes(), one.type().bytes()));
        Tensor alone = OperatorRunner.on(kernels).first(conv, one, weights, bias);
        long bytes = alone.type().bytes();
        assertEquals(
            -1, alone.segment().mismatch(all.segment().asSlice(image * bytes, bytes)), "image");
      }
    }
  }

  @Test
  void refusesWeightsThatDoNotFit() {
    Operator conv = Conv.of(Attributes.of("Conv"));
    InvalidModelException refused =
        assertThrows(
            InvalidModelException.class,
            () ->
                OperatorRunner.on(BACKENDS.getFirst())
                    .run(conv, floats(1, 3, 5, 5), floats(2, 4, 3, 3)));
    assertEquals(
        "Conv: weights [2,4,3,3] in 1 groups do not fit the input [1,3,5,5]", refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void transposedConvolutionOverOneToThreeAxes(int rank) throws OrtException {
    int[][] x = {{3, 4, 6}, {3, 4, 6, 5}, {2, 4, 3, 4, 5}};
    int[][] w = {{4, 3, 3}, {4, 3, 3, 2}, {4, 3, 2, 3, 2}};
    long[] strides = new long[rank];
    Arrays.fill(strides, 2);
    long[] pads = new long[2 * rank];
    pads[0] = 1;
    check(
        Attributes.of("ConvTranspose")
            .with("group", 2L)
            .ints("strides", strides)
            .ints("pads", pads),
        floats(x[rank - 1]),
        floats(w[rank - 1]),
        floats(6));
  }

  @Test
  void transposedConvolutionPutsWindowsSideBySide() throws OrtException {
    check(
        Attributes.of("ConvTranspose").ints("strides", 2, 3),
        floats(2, 20, 40, 9),
        floats(20, 17, 2, 3),
        floats(17));
    check(Attributes.of("ConvTranspose"), floats(1, 4, 3, 5), floats(4, 3, 1, 1));
  }

  @Test
  void transposedConvolutionTurnsImagesWithTheSameBits() {
    Tensor x = floats(2, 18, 30, 21);
    Tensor weights = floats(18, 40, 2, 3);
    ConvTranspose first = ConvTranspose.of(Attributes.of("ConvTranspose").ints("strides", 2, 3));
    for (KernelSet kernels : BACKENDS) {
      OperatorRunner runner = OperatorRunner.on(kernels);
      Tensor expected = runner.first(first, x, weights);
      for (ImageLayout from : ImageLayout.values()) {
        for (ImageLayout to : ImageLayout.values()) {
          Tensor y = runner.first(first.withLayouts(from, to), turned(runner, x, from), weights);
          assertBits(turned(runner, expected, to), y);
        }
      }
    }
  }

  private static Tensor turned(OperatorRunner runner, Tensor channelsFirst, ImageLayout to) {
    return to == ImageLayout.CHANNELS_FIRST
        ? channelsFirst
        : runner.first(new Transpose(to.permutation(4)), channelsFirst);
  }

  private static void assertBits(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    assertEquals(-1, expected.segment().mismatch(actual.segment()));
  }

  @Test
  void transposedConvolutionReachesAnOutputShape() throws OrtException {
    check(
        Attributes.of("ConvTranspose")
            .ints("strides", 3, 2)
            .ints("output_shape", 10, 8)
            .ints("output_padding", 1, 1),
        floats(1, 2, 3, 3),
        floats(2, 4, 3, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MaxPool", "AveragePool", "LpPool"})
  void poolsPaddedWindows(String operator) throws OrtException {
    check(
        Attributes.of(operator)
            .ints("kernel_shape", 3, 2)
            .ints("strides", 2, 1)
            .ints("pads", 1, 0, 1, 1),
        floats(2, 3, 9, 8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MaxPool", "AveragePool"})
  void poolsOverhangingWindows(String operator) throws OrtException {
    check(
        Attributes.of(operator)
            .ints("kernel_shape", 3, 3)
            .ints("strides", 2, 2)
            .with("ceil_mode", 1L),
        floats(2, 3, 8, 8));
  }

  @Test
  void maxPoolTellsWhereItsElementsComeFrom() throws OrtException {
    check(
        Attributes.of("MaxPool").ints("kernel_shape", 2, 2).ints("strides", 2, 2).outputs(2),
        floats(2, 2, 6, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})
  void poolsWholePlanes(String operator) throws OrtException {
    check(Attributes.of(operator), floats(2, 3, 5, 7));
  }

  @Test
  void normalises() throws OrtException {
    Tensor variance = Tensors.ofFloats(Shape.of(3), 0.5f, 1, 2);
    check(
        Attributes.of("BatchNormalization"),
        floats(2, 3, 5, 4),
        floats(3),
        floats(3),
        floats(3),
        variance);
    check(Attributes.of("InstanceNormalization"), floats(2, 3, 5, 4), floats(3), floats(3));
    check(Attributes.of("LRN").with("size", 3L).with("alpha", 0.2f), floats(2, 5, 3, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nearest", "linear", "cubic"})
  void resizesByScalesAndSizes(String mode) throws OrtException {
    for (String coordinates :
        List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
      check(
          Attributes.of("Resize")
              .with("mode", mode)
              .with("coordinate_transformation_mode", coordinates),
          floats(2, 3, 5, 6),
          null,
          Tensors.ofFloats(Shape.of(4), 1, 1, 2, 3));
      check(
          Attributes.of("Resize")
              .with("mode", mode)
              .with("coordinate_transformation_mode", coordinates),
          floats(2, 3, 8, 9),
          null,
          null,
          Tensors.vector(2, 3, 5, 4));
    }
  }

  @Test
  void resizesWithAntialias() throws OrtException {
    check(
        Attributes.of("Resize").with("mode", "linear").with("antialias", 1L),
        floats(1, 2, 12, 11),
        null,
        null,
        Tensors.vector(1, 2, 5, 4));
  }

  @Test
  void resizesBytesByTheNearestFilter() {
    Operator resize = Resize.of(Attributes.of("Resize"));
    Tensor x =
        Tensors.ofBytes(DType.UINT8, Shape.of(1, 1, 2, 2), (byte) 1, (byte) 2, (byte) 3, (byte) 4);
    Tensor y =
        OperatorRunner.on(BACKENDS.getFirst())
            .first(resize, x, null, Tensors.ofFloats(Shape.of(4), 1, 1, 1, 2));
    assertArrayEquals(new long[] {1, 1, 2, 2, 3, 3, 4, 4}, y.toLongs());
  }

  @Test
  void samplesGrids() throws OrtException {
    for (String mode : List.of("bilinear", "nearest", "bicubic")) {
      for (String padding : List.of("zeros", "border", "reflection")) {
        check(
            Attributes.of("GridSample").with("mode", mode).with("padding_mode", padding),
            floats(2, 3, 5, 6),
            floats(2, 4, 3, 2));
      }
    }
  }

  @Test
  void keepsTheBestOfOverlappingBoxes() {
    Operator suppression =
        NonMaxSuppression.of(Attributes.of("NonMaxSuppression").with("center_point_box", 0L));
    Tensor boxes =
        Tensors.ofFloats(
            Shape.of(1, 4, 4), 0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 10, 1, 11, 0, 10.1f, 1, 11.1f);
    Tensor scores = Tensors.ofFloats(Shape.of(1, 1, 4), 0.5f, 0.9f, 0.8f, 0.2f);
    Tensor chosen =
        OperatorRunner.on(BACKENDS.getFirst())
            .first(
                suppression,
                boxes,
                scores,
                Tensors.vector(10),
                Tensors.scalar(0.5f),
                Tensors.scalar(0.3f));
    assertArrayEquals(new long[] {0, 0, 1, 0, 0, 2}, chosen.toLongs());
  }

  @Test
  void emptyBatchesGiveEmptyOutputs() {
    Tensor none = floats(0, 3, 6, 6);
    for (KernelSet kernels : BACKENDS) {
      OperatorRunner runner = OperatorRunner.on(kernels);
      assertEquals(
          Shape.of(0, 2, 4, 4),
          runner.first(Conv.of(Attributes.of("Conv")), none, floats(2, 3, 3, 3)).shape());
      assertEquals(
          Shape.of(0, 3, 1, 1),
          runner.first(GlobalPool.average(Attributes.of("GlobalAveragePool")), none).shape());
    }
  }
}
