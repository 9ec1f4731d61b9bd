package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.kernel.PlanarConv.Planes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Convolutions of floats and of 8-bit integers. */
interface ConvConformance extends ConformanceCase {

  int IMAGES = 2;

  /** Weights of one filter. */
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

  /** The sum of a product over the taps of one output that lie inside its image. */
  private static double sum(ConvGeometry g, int output, Product product) {
    int filter = output % g.filters();
    int pixel = output / g.filters();
    int image = pixel / g.outputSize();
    int oy = pixel % g.outputSize() / g.outputWidth();
    int ox = pixel % g.outputWidth();
    int channels = g.channels() / g.groups();
    int group = filter / (g.filters() / g.groups());
    double sum = 0;
    for (int tap = 0; tap < perFilter(g); tap++) {
      int channel = group * channels + tap / (g.kernelHeight() * g.kernelWidth());
      int ky = tap / g.kernelWidth() % g.kernelHeight();
      int y = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      int x = ox * g.strideWidth() - g.padLeft() + tap % g.kernelWidth() * g.dilationWidth();
      if (y >= 0 && y < g.height() && x >= 0 && x < g.width()) {
        int input = ((image * g.height() + y) * g.width() + x) * g.channels() + channel;
        sum += product.of(filter * perFilter(g) + tap, input);
      }
    }
    return sum;
  }

  private static int inputs(ConvGeometry g) {
    return IMAGES * g.inputSize() * g.channels();
  }

  private static int outputs(ConvGeometry g) {
    return IMAGES * g.outputSize() * g.filters();
  }

  /** The part of an output between its guards, as parameters without an offset want it. */
  private static MemorySegment bare(Output output, int elementBytes) {
    return output.segment().asSlice(output.offset() * elementBytes);
  }

  default Output conv(ConvGeometry g, float[] x, float[] w, Epilogue epilogue, ComputePool pool) {
    Output y = Output.ofWords(outputs(g));
    Conv conv = kernels().conv();
    try (TensorArena arena = new TensorArena()) {
      PackedFilters filters = conv.pack(Tensors.ofFloats(filterShape(g), w), g.groups(), arena);
      conv.convF32(
          IMAGES,
          g,
          Input.bare(x),
          filters,
          epilogue,
          Input.scratch(conv.workspaceBytes(IMAGES, g, filters, pool.threads())),
          bare(y, Float.BYTES),
          pool);
    }
    return y;
  }

  @Test
  default void convolutionsMatchTheirSumsInDouble() {
    Seeds.forAll(300, random -> assertMatchesItsSums(Geometries.random(random), random));
  }

  @Test
  default void pointwiseConvolutionsOfManyChannelsMatchTheirSumsInDouble() {
    Random random = new Random(3);
    assertMatchesItsSums(Geometries.square(1024, 5, 40, 1, 1, 1, 0), random);
    assertMatchesItsSums(Geometries.square(512, 11, 33, 1, 1, 2, 0), random);
  }

  @Test
  default void depthwiseConvolutionsMatchTheirSumsAtEveryBorder() {
    Random random = new Random(3);
    Geometries.depthwise().forEach(g -> assertMatchesItsSums(g, random));
  }

  private void assertMatchesItsSums(ConvGeometry g, Random random) {
    float[] x = Input.gaussians(random, inputs(g));
    float[] w = Input.gaussians(random, g.filters() * perFilter(g));
    float[] bias = Input.gaussians(random, g.filters());
    Output y = conv(g, x, w, Epilogue.of(Input.bare(bias), Activation.NONE), threads());
    for (int i = 0; i < outputs(g); i++) {
      double magnitude = 1 + sum(g, i, (weight, input) -> Math.abs((double) w[weight] * x[input]));
      double expected = sum(g, i, (weight, input) -> (double) w[weight] * x[input]);
      ConformanceCase.assertNear(
          expected + bias[i % g.filters()],
          y.getFloat(0, i),
          6e-8 * (perFilter(g) + 2) * (magnitude + Math.abs(bias[i % g.filters()])),
          g + " at " + i);
    }
    y.assertNothingElseWritten();
  }

  /** Pixels [pixels, channels] of images as [channels, pixels], or the other way round. */
  private static float[] turned(float[] images, int rows, int columns) {
    float[] turned = new float[images.length];
    int image = rows * columns;
    for (int i = 0; i < images.length; i++) {
      int at = i % image;
      turned[i - at + at % columns * rows + at / columns] = images[i];
    }
    return turned;
  }

  @Test
  default void convolutionsOfImagesWithChannelsFirstHaveTheBitsOfTurnedOnes() {
    Seeds.forAll(
        100,
        random -> {
          ConvGeometry g =
              random.nextInt(4) == 0
                  ? Geometries.square(random.nextInt(1, 40), 30, 64, 1, 3, 1, 1)
                  : Geometries.random(random);
          Planes planes = new Planes(random.nextBoolean(), random.nextBoolean());
          float[] x = Input.gaussians(random, inputs(g));
          float[] w = Input.gaussians(random, g.filters() * perFilter(g));
          Epilogue epilogue =
              Epilogue.of(
                  Input.bare(Input.gaussians(random, g.filters())),
                  new Activation(UnaryFunction.LEAKY_RELU, 0.1f, 0));
          Output y = Output.ofWords(outputs(g));
          float[] from = planes.x() ? turned(x, g.inputSize(), g.channels()) : x;
          if (!planar(g, planes, from, w, epilogue, y)) {
            return;
          }
          y.assertNothingElseWritten();
          Output expected = conv(g, x, w, epilogue, ComputePool.CALLER);
          int image = g.outputSize() * g.filters();
          for (int i = 0; i < outputs(g); i++) {
            int at = i % image;
            int filter = at % g.filters();
            int pixel = at / g.filters();
            int to = planes.y() ? i - at + filter * g.outputSize() + pixel : i;
            assertEquals(
                Float.floatToRawIntBits(expected.getFloat(0, i)),
                Float.floatToRawIntBits(y.getFloat(0, to)),
                g + " at " + i);
          }
        });
  }

  /** Says whether the backend has such convolutions. */
  private boolean planar(
      ConvGeometry g, Planes planes, float[] x, float[] w, Epilogue epilogue, Output y) {
    try (TensorArena arena = new TensorArena()) {
      Conv conv = kernels().conv();
      PackedFilters filters = conv.pack(Tensors.ofFloats(filterShape(g), w), g.groups(), arena);
      Optional<PlanarConv> planar = conv.planar(g, planes, filters);
      planar.ifPresent(kernel ->
          kernel.run(
              IMAGES,
              Input.bare(x),
              epilogue,
              Input.scratch(kernel.workspaceBytes(threads().threads())),
              bare(y, Float.BYTES),
              threads()));
      return planar.isPresent();
    }
  }

  @Test
  default void convolutionsHaveTheSameBitsOnAnyNumberOfThreads() {
    Random random = new Random(2);
    for (int groups : new int[] {1, 2, 24}) {
      ConvGeometry g = Geometries.square(24, 40, 24, groups, 3, 1, 1);
      float[] x = Input.gaussians(random, inputs(g));
      float[] w = Input.gaussians(random, g.filters() * perFilter(g));
      assertArrayEquals(
          conv(g, x, w, Epilogue.NONE, ComputePool.CALLER).bits(),
          conv(g, x, w, Epilogue.NONE, threads()).bits());
    }
  }

  @Test
  default void fusedConvolutionHasTheBitsOfSeparateSteps() {
    Seeds.forAll(
        40,
        random -> {
          ConvGeometry g = Geometries.random(random);
          float[] x = Input.gaussians(random, inputs(g));
          float[] w = Input.gaussians(random, g.filters() * perFilter(g));
          float[] bias = Input.gaussians(random, g.filters());
          MemorySegment residual = Input.bare(Input.gaussians(random, outputs(g)));
          Activation activation = new Activation(UnaryFunction.LEAKY_RELU, 0.1f, 0);
          Epilogue epilogue = new Epilogue(Input.bare(bias), residual, activation);
          Output fused = conv(g, x, w, epilogue, threads());
          Output plain = conv(g, x, w, Epilogue.NONE, threads());
          Elementwise elementwise = kernels().elementwise();
          MemorySegment y = bare(plain, Float.BYTES);
          for (int pixel = 0; pixel < outputs(g) / g.filters(); pixel++) {
            int at = pixel * g.filters();
            elementwise.binary(BinaryFunction.ADD, y, at, Input.bare(bias), 0, y, at, g.filters());
          }
          elementwise.binary(BinaryFunction.ADD, y, 0, residual, 0, y, 0, outputs(g));
          elementwise.unary(activation, y, 0, y, 0, outputs(g));
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
    Output y = Output.ofWords(outputs(g));
    Conv conv = kernels().conv();
    try (TensorArena arena = new TensorArena()) {
      PackedFilters filters =
          conv.packQuant(
              Tensors.ofBytes(type, filterShape(g), w),
              g.groups(),
              wZeros == null ? null : Tensors.ofBytes(type, Shape.of(wZeros.length), wZeros),
              arena);
      conv.convI32(
          IMAGES,
          g,
          Input.bare(x),
          xSigned,
          xZero,
          filters,
          Input.scratch(conv.workspaceBytes(IMAGES, g, filters, pool.threads())),
          bare(y, Integer.BYTES),
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
          byte[] x = Input.extremeBytes(random, inputs(g));
          byte[] w = Input.extremeBytes(random, g.filters() * perFilter(g));
          boolean xSigned = random.nextBoolean();
          boolean wSigned = random.nextBoolean();
          int xZero = random.nextInt(256) - (xSigned ? 128 : 0);
          byte[] wZeros = random.nextBoolean() ? null : Input.extremeBytes(random, g.filters());
          DType type = wSigned ? DType.INT8 : DType.UINT8;
          Output y = quantConv(g, x, xSigned, xZero, type, w, wZeros, threads());
          for (int i = 0; i < outputs(g); i++) {
            int filter = i % g.filters();
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
    byte[] x = new byte[inputs(g)];
    byte[] w = new byte[g.filters() * perFilter(g)];
    java.util.Arrays.fill(x, (byte) 255);
    java.util.Arrays.fill(w, (byte) 255);
    Output y = quantConv(g, x, false, 0, DType.UINT8, w, null, threads());
    assertEquals(70 * 9 * 255 * 255, y.getInt(0, 4 * g.filters()));
  }

  @Test
  default void requantisedConvolutionsAreTheirSumsRequantised() {
    Seeds.forAll(
        60, random -> assertRequantized(Geometries.random(random), random.nextBoolean(), random));
  }

  @Test
  default void requantisedDepthwiseConvolutionsAreTheirSumsRequantisedAtEveryBorder() {
    Random random = new Random(4);
    Geometries.depthwise().forEach(g -> assertRequantized(g, random.nextBoolean(), random));
  }

  private void assertRequantized(ConvGeometry g, boolean xSigned, Random random) {
    byte[] x = Input.extremeBytes(random, inputs(g));
    byte[] w = Input.extremeBytes(random, g.filters() * perFilter(g));
    int[] bias = random.ints(g.filters(), -1000, 1000).toArray();
    float[] multipliers = new float[g.filters()];
    for (int i = 0; i < multipliers.length; i++) {
      multipliers[i] = 0.003f * random.nextFloat();
    }
    Requantization requantization =
        new Requantization(Input.bare(bias), Input.bare(multipliers), 100, 20, 240);
    int xZero = xSigned ? -12 : 128;
    Output sums = quantConv(g, x, xSigned, xZero, DType.INT8, w, null, threads());
    Output y = Output.ofBytes(outputs(g));
    Conv conv = kernels().conv();
    try (TensorArena arena = new TensorArena()) {
      PackedFilters filters =
          conv.packQuant(Tensors.ofBytes(DType.INT8, filterShape(g), w), g.groups(), null, arena);
      conv.convQ8(
          IMAGES,
          g,
          Input.bare(x),
          xSigned,
          xZero,
          filters,
          requantization,
          Input.scratch(conv.workspaceBytes(IMAGES, g, filters, threads().threads())),
          bare(y, 1),
          threads());
    }
    for (int i = 0; i < outputs(g); i++) {
      int filter = i % g.filters();
      double rounded = Math.rint((sums.getInt(0, i) + bias[filter]) * multipliers[filter]);
      byte expected = (byte) Math.clamp(rounded + 100, 20, 240);
      assertEquals(expected, y.getByte(i), g + " at " + i);
    }
    y.assertNothingElseWritten();
  }

  private static int value(byte stored, boolean signed) {
    return signed ? stored : Byte.toUnsignedInt(stored);
  }
}
