package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products of 8-bit matrices. */
interface QuantGemmConformance extends ConformanceCase {

  default Output gemmI32(QuantProduct p, boolean transposed, ComputePool pool) {
    Output c = Output.ofWords(p.rows(), p.n(), p.n() + 3);
    Input a = Input.of(p.a());
    QuantGemm gemm = kernels().quantGemm();
    try (TensorArena arena = new TensorArena()) {
      PackedQuantMatrix b = p.pack(gemm, transposed, arena);
      gemm.gemmI32(
          p.rows(),
          a.segment(),
          a.offset(),
          p.k(),
          p.aSigned(),
          Input.bare(p.aZeros()),
          b,
          Input.scratch(gemm.workspaceBytes(p.rows(), b)),
          c.segment(),
          c.offset(),
          c.stride(),
          pool);
    }
    return c;
  }

  default Output gemmF32(
      QuantProduct p, float[] aScales, float[] bScales, Epilogue epilogue, ComputePool pool) {
    Output c = Output.ofWords(p.rows(), p.n(), p.n());
    Input a = Input.of(p.a());
    QuantGemm gemm = kernels().quantGemm();
    try (TensorArena arena = new TensorArena()) {
      PackedQuantMatrix b = p.pack(gemm, false, arena);
      gemm.gemmF32(
          p.rows(),
          a.segment(),
          a.offset(),
          p.k(),
          p.aSigned(),
          Input.bare(p.aZeros()),
          Input.bare(aScales),
          b,
          Input.bare(bScales),
          epilogue,
          Input.scratch(gemm.workspaceBytes(p.rows(), b)),
          c.segment(),
          c.offset(),
          c.stride(),
          pool);
    }
    return c;
  }

  @Test
  default void quantisedProductsAreExact() {
    Seeds.forAll(
        80,
        random -> {
          int k = random.nextInt(4) == 0 ? random.nextInt(600) : random.nextInt(70);
          QuantProduct product =
              QuantProduct.random(random, random.nextInt(15), k, random.nextInt(150));
          assertExact(product, gemmI32(product, random.nextBoolean(), threads()));
        });
  }

  /** Around whole tiles of rows, columns and of the reduction. */
  @Test
  default void quantisedProductsOfManyRowsAreExact() {
    int[] lengths = {1, 3, 4, 20, 63, 64, 65, 127, 128, 192};
    Seeds.forAll(
        60,
        random -> {
          int rows = random.nextInt(6) == 0 ? 120 + random.nextInt(60) : 1 + random.nextInt(40);
          int n = random.nextInt(4) == 0 ? 100 + random.nextInt(100) : 1 + random.nextInt(70);
          int k = lengths[random.nextInt(lengths.length)];
          QuantProduct product = QuantProduct.random(random, rows, k, n);
          assertExact(product, gemmI32(product, random.nextBoolean(), threads()));
        });
  }

  /** Results that do not stay in caches are written otherwise by some kernels. */
  @Test
  default void quantisedProductsWithLargeResultsAreExact() {
    QuantProduct product = QuantProduct.random(new Random(3), 521, 5, 523);
    assertExact(product, gemmI32(product, false, threads()));
  }

  private static void assertExact(QuantProduct product, Output c) {
    for (int row = 0; row < product.rows(); row++) {
      for (int column = 0; column < product.n(); column++) {
        assertEquals(product.expected(row, column), c.getInt(row, column));
      }
    }
    c.assertNothingElseWritten();
  }

  @Test
  default void quantisedProductsOfTheLargestValuesAreExact() {
    for (int rows : new int[] {2, 35}) {
      byte[] a = new byte[rows * 1500];
      byte[] b = new byte[1500 * 65];
      Arrays.fill(a, (byte) 255);
      Arrays.fill(b, (byte) -128);
      byte[] zero = {127};
      int[] aZeros = new int[rows];
      aZeros[1] = 255;
      QuantProduct product =
          new QuantProduct(rows, 1500, 65, a, false, aZeros, b, DType.INT8, zero);
      Output c = gemmI32(product, false, ComputePool.CALLER);
      assertEquals(-1500 * 255 * 255, c.getInt(0, 64));
      assertEquals(0, c.getInt(1, 64));
      assertExact(product, c);
    }
  }

  @Test
  default void rescaledProductsRoundTheIntegerThenTheScale() {
    Seeds.forAll(
        30,
        random -> {
          QuantProduct product =
              QuantProduct.random(random, random.nextInt(40), random.nextInt(90), 77);
          float[] aScales = Input.gaussians(random, product.rows());
          float[] bScales = Input.gaussians(random, 77);
          float[] bias = Input.gaussians(random, 77);
          Activation relu = Activation.of(UnaryFunction.RELU);
          MemorySegment residual = Output.residual(random, product.rows(), 77);
          Epilogue epilogue = new Epilogue(Input.bare(bias), residual, relu);
          Output c = gemmF32(product, aScales, bScales, epilogue, ComputePool.CALLER);
          for (int row = 0; row < product.rows(); row++) {
            for (int column = 0; column < 77; column++) {
              float scale = aScales[row] * bScales[column];
              long at = c.offset() + row * 77L + column;
              float value = product.expected(row, column) * scale + bias[column];
              value += residual.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
              assertEquals(Math.max(0f, value), c.getFloat(row, column), 0f);
            }
          }
          c.assertNothingElseWritten();
        });
  }

  @Test
  default void rescaledRowsHaveTheSameBitsAloneAndOnAnyNumberOfThreads() {
    Random random = new Random(5);
    QuantProduct product = QuantProduct.random(random, 40, 300, 200);
    float[] aScales = Input.gaussians(random, 40);
    float[] bScales = Input.gaussians(random, 200);
    MemorySegment bias = Input.bare(Input.gaussians(random, 200));
    Epilogue epilogue = Epilogue.of(bias, Activation.of(UnaryFunction.GELU));
    Output together = gemmF32(product, aScales, bScales, epilogue, threads());
    assertArrayEquals(
        gemmF32(product, aScales, bScales, epilogue, ComputePool.CALLER).bits(), together.bits());
    for (int row = 0; row < 40; row++) {
      float[] scale = {aScales[row]};
      Output alone = gemmF32(product.row(row), scale, bScales, epilogue, threads());
      assertArrayEquals(alone.bits(0), together.bits(row));
    }
  }
}
