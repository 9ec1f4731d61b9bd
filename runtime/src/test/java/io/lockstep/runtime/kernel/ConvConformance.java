package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.kernel.Conv.PackedQuantFilters;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Convolutions of floats and of 8-bit integers. */
interface ConvConformance extends ConformanceCase {

  /** What the tests know of one convolution beside its numbers. */
  static int perFilter(ConvGeometry g) {
    return g.channels() / g.groups() * g.kernelHeight() * g.kernelWidth();
  }

  private static Shape filterShape(ConvGeometry g) {
    return Shape.of(g.filters(), g.channels() / g.groups(), g.kernelHeight(), g.kernelWidth());
  }

  /** A product of one weight and one input, both by index. */
  @FunctionalInterface
  interface Product {
    double of(int weight, int input);
  }

  /** The sum of a product over the taps of one output that lie inside the image. */
  private static double sum(ConvGeometry g, int output, Product product) {
    int filter = output / g.outputSize();
    int oy = output % g.outputSize() / g.outputWidth();
    int ox = output % g.outputWidth();
    int channels = g.channels() / g.groups();
    int group = filter / (g.filters() / g.groups());
    double sum = 0;
    for (int tap = 0; tap < perFilter(g); tap++) {
      int channel = group * channels + tap / (g.kernelHeight() * g.kernelWidth());
      int ky = tap / g.kernelWidth() % g.kernelHeight();
      int y = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      int x = ox * g.strideWidth() - g.padLeft() + tap % g.kernelWidth() * g.dilationWidth();
      if (y >= 0 && y < g.height() && x >= 0 && x < g.width()) {
        int input = (channel * g.height() + y) * g.width() + x;
        sum += product.of(filter * perFilter(g) + tap, input);
      }
    }
    return sum;
  }

  /** What a convolution adds after its sum. */
  record Finish(
      @Nullable MemorySegment bias, @Nullable MemorySegment residual, Activation activation) {

    static final Finish NONE = new Finish(null, null, Activation.NONE);
  }

  default Output conv(ConvGeometry g, float[] x, float[] w, Finish finish, ComputePool pool) {
    Output y = Output.ofWords(g.filters() * g.outputSize());
    Input image = Input.of(x);
    Conv conv = kernels().conv();
    try (TensorArena arena = new TensorArena()) {
      PackedFilters filters = conv.pack(Tensors.ofFloats(filterShape(g), w), g.groups(), arena);
      conv.convF32(
          g,
          image.segment(),
          image.offset(),
          filters,
          finish.bias(),
          finish.residual(),
          finish.activation(),
          Input.scratch(conv.workspaceBytes(g, pool.threads())),
          y.segment(),
          y.offset(),
          pool);
    }
    return y;
  }

  @Test
  default void convolutionsMatchTheirSumsInDouble() {
    Seeds.forAll(
        300,
        random -> {
          ConvGeometry g = Geometries.random(random);
          float[] x = Input.gaussians(random, g.channels() * g.inputSize());
          float[] w = Input.gaussians(random, g.filters() * perFilter(g));
          float[] bias = Input.gaussians(random, g.filters());
          Output y = conv(g, x, w, new Finish(Input.bare(bias), null, Activation.NONE), threads());
          for (int i = 0; i < g.filters() * g.outputSize(); i++) {
            double magnitude =
                1 + sum(g, i, (weight, input) -> Math.abs((double) w[weight] * x[input]));
            double expected = sum(g, i, (weight, input) -> (double) w[weight] * x[input]);
            ConformanceCase.assertNear(
                expected + bias[i / g.outputSize()],
                y.getFloat(0, i),
                6e-8 * (perFilter(g) + 2) * (magnitude + Math.abs(bias[i / g.outputSize()])),
                g + " at " + i);
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void convolutionsHaveTheSameBitsOnAnyNumberOfThreads() {
    Random random = new Random(2);
    for (int groups : new int[] {1, 2, 24}) {
      ConvGeometry g = Geometries.square(24, 40, 24, groups, 3, 1, 1);
      float[] x = Input.gaussians(random, g.channels() * g.inputSize());
      float[] w = Input.gaussians(random, g.filters() * perFilter(g));
      assertArrayEquals(
          conv(g, x, w, Finish.NONE, ComputePool.CALLER).bits(),
          conv(g, x, w, Finish.NONE, threads()).bits());
    }
  }

  @Test
  default void fusedConvolutionHasTheBitsOfSeparateSteps() {
    Seeds.forAll(
        40,
        random -> {
          ConvGeometry g = Geometries.random(random);
          float[] x = Input.gaussians(random, g.channels() * g.inputSize());
          float[] w = Input.gaussians(random, g.filters() * perFilter(g));
          float[] bias = Input.gaussians(random, g.filters());
          int outputs = g.filters() * g.outputSize();
          Output plain = conv(g, x, w, Finish.NONE, threads());
          MemorySegment residual =
              Input.bare(Input.gaussians(random, (int) plain.offset() + outputs));
          Activation activation = new Activation(UnaryFunction.LEAKY_RELU, 0.1f, 0);
          Output fused =
              conv(g, x, w, new Finish(Input.bare(bias), residual, activation), threads());
          Elementwise elementwise = kernels().elementwise();
          MemorySegment y = plain.segment();
          for (int filter = 0; filter < g.filters(); filter++) {
            long at = plain.offset() + (long) filter * g.outputSize();
            elementwise.binaryScalarRight(
                BinaryFunction.ADD, y, at, bias[filter], y, at, g.outputSize());
          }
          long at = plain.offset();
          elementwise.binary(BinaryFunction.ADD, y, at, residual, at, y, at, outputs);
          elementwise.unary(activation, y, at, y, at, outputs);
          assertArrayEquals(plain.bits(), fused.bits());
        });
  }

  default Output quantConv(
      ConvGeometry g,
      byte[] x,
      boolean xSigned,
      int xZero,
      DType type,
      byte[] w,
      byte @Nullable [] wZeros,
      ComputePool pool) {
    Output y = Output.ofWords(g.filters() * g.outputSize());
    Input image = Input.of(x);
    Conv conv = kernels().conv();
    try (TensorArena arena = new TensorArena()) {
      PackedQuantFilters filters =
          conv.packQuant(
              Tensors.ofBytes(type, filterShape(g), w),
              g.groups(),
              wZeros == null ? null : Tensors.ofBytes(type, Shape.of(wZeros.length), wZeros),
              arena);
      conv.convI32(
          g,
          image.segment(),
          image.offset(),
          xSigned,
          xZero,
          filters,
          Input.scratch(conv.quantWorkspaceBytes(g, pool.threads())),
          y.segment(),
          y.offset(),
          pool);
    }
    return y;
  }

  @Test
  default void quantisedConvolutionsAreExact() {
    Seeds.forAll(
        200,
        random -> {
          ConvGeometry g = Geometries.random(random);
          byte[] x = Input.extremeBytes(random, g.channels() * g.inputSize());
          byte[] w = Input.extremeBytes(random, g.filters() * perFilter(g));
          boolean xSigned = random.nextBoolean();
          boolean wSigned = random.nextBoolean();
          int xZero = random.nextInt(256) - (xSigned ? 128 : 0);
          byte[] wZeros = random.nextBoolean() ? null : Input.extremeBytes(random, g.filters());
          DType type = wSigned ? DType.INT8 : DType.UINT8;
          Output y = quantConv(g, x, xSigned, xZero, type, w, wZeros, threads());
          for (int i = 0; i < g.filters() * g.outputSize(); i++) {
            int filter = i / g.outputSize();
            int wZero = wZeros == null ? 0 : value(wZeros[filter], wSigned);
            double expected =
                sum(
                    g,
                    i,
                    (weight, input) ->
                        (double) (value(w[weight], wSigned) - wZero)
                            * (value(x[input], xSigned) - xZero));
            assertEquals((int) expected, y.getInt(0, i), g + " at " + i);
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void quantisedConvolutionsOfTheLargestValuesAreExact() {
    ConvGeometry g = Geometries.square(70, 3, 7, 1, 3, 1, 1);
    byte[] x = new byte[g.channels() * g.inputSize()];
    byte[] w = new byte[g.filters() * perFilter(g)];
    java.util.Arrays.fill(x, (byte) 255);
    java.util.Arrays.fill(w, (byte) 255);
    Output y = quantConv(g, x, false, 0, DType.UINT8, w, null, threads());
    assertEquals(70 * 9 * 255 * 255, y.getInt(0, 4));
  }

  private static int value(byte stored, boolean signed) {
    return signed ? stored : Byte.toUnsignedInt(stored);
  }
}
