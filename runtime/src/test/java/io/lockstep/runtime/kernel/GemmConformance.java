package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products of float matrices. */
interface GemmConformance extends ConformanceCase {

  /** The packed product, its rows {@code n + 5} apart. */
  default Output gemm(FloatProduct p, boolean transposed, Epilogue epilogue, ComputePool pool) {
    Output c = Output.ofWords(p.rows(), p.n(), p.n() + 5);
    Input a = Input.of(p.a());
    try (TensorArena arena = new TensorArena()) {
      PackedMatrix packed = kernels().gemm().pack(p.bTensor(transposed), transposed, arena);
      kernels()
          .gemm()
          .gemmF32(
              p.rows(),
              a.segment(),
              a.offset(),
              p.aStride(),
              packed,
              epilogue,
              c.segment(),
              c.offset(),
              c.stride(),
              pool);
    }
    return c;
  }

  default Output gemm(FloatProduct p) {
    return gemm(p, false, Epilogue.NONE, ComputePool.CALLER);
  }

  /** The product of two run-time operands. */
  default Output matmul(FloatProduct p, boolean transposed, float alpha, Epilogue epilogue) {
    Output c = Output.ofWords(p.rows(), p.n(), p.n() + 2);
    Input a = Input.of(p.a());
    Input b = Input.of(transposed ? p.transposedB() : p.b());
    MatmulShape shape = new MatmulShape(p.rows(), p.k(), p.n(), transposed);
    kernels()
        .gemm()
        .matmulF32(
            shape,
            a.segment(),
            a.offset(),
            p.aStride(),
            b.segment(),
            b.offset(),
            transposed ? p.k() : p.n(),
            alpha,
            epilogue,
            Input.scratch(64 + kernels().gemm().matmulWorkspaceBytes(shape)),
            64,
            c.segment(),
            c.offset(),
            c.stride());
    return c;
  }

  @Test
  default void gemmMatchesTheProductInDouble() {
    Seeds.forAll(
        150,
        random -> {
          FloatProduct product = FloatProduct.random(random);
          product.assertMatches(gemm(product, random.nextBoolean(), Epilogue.NONE, threads()));
        });
  }

  @Test
  default void gemmOfNothingLeavesTheBias() {
    float[] bias = {1, 2, 3};
    Epilogue epilogue = Epilogue.of(Input.bare(bias), Activation.NONE);
    Output c =
        gemm(FloatProduct.random(new Random(0), 2, 0, 3), false, epilogue, ComputePool.CALLER);
    assertArrayEquals(bias, c.floats(0));
    assertArrayEquals(bias, c.floats(1));
  }

  @Test
  default void gemmGivesARowTheSameBitsWhateverIsBesideIt() {
    Seeds.forAll(
        6,
        random -> {
          FloatProduct all =
              FloatProduct.random(random, 23, random.nextInt(1, 90), random.nextInt(1, 200));
          Output together = gemm(all);
          for (int row = 0; row < all.rows(); row++) {
            assertArrayEquals(gemm(all.rows(row, row + 1)).bits(0), together.bits(row));
            int from = random.nextInt(row + 1);
            assertArrayEquals(gemm(all.rows(from, row + 1)).bits(row - from), together.bits(row));
          }
        });
  }

  @Test
  default void gemmGivesTheSameBitsOnAnyNumberOfThreads() {
    Seeds.forAll(
        4,
        random -> {
          FloatProduct product = FloatProduct.random(random, 150, random.nextInt(100, 200), 300);
          assertArrayEquals(
              gemm(product).bits(), gemm(product, false, Epilogue.NONE, threads()).bits());
        });
  }

  @Test
  default void gemmKeepsItsBitsWhenZerosAreAppendedToTheReduction() {
    Seeds.forAll(
        20,
        random -> {
          FloatProduct shorter = FloatProduct.random(random, 7, random.nextInt(1, 70), 37);
          int k = shorter.k() + random.nextInt(1, 40);
          float[] a = new float[7 * k];
          for (int row = 0; row < 7; row++) {
            System.arraycopy(shorter.a(), row * shorter.aStride(), a, row * k, shorter.k());
          }
          FloatProduct longer =
              new FloatProduct(7, k, 37, a, k, Arrays.copyOf(shorter.b(), k * 37));
          assertArrayEquals(gemm(shorter).bits(), gemm(longer).bits());
        });
  }

  @Test
  default void gemmKeepsNotANumberAndInfinityInTheirRow() {
    FloatProduct clean = FloatProduct.random(new Random(1), 9, 20, 70);
    float[] a = clean.a().clone();
    a[2 * clean.aStride() + 5] = Float.NaN;
    a[4 * clean.aStride() + 19] = Float.POSITIVE_INFINITY;
    a[6 * clean.aStride()] = Float.MIN_VALUE;
    FloatProduct dirty = new FloatProduct(9, 20, 70, a, clean.aStride(), clean.b());
    Output c = gemm(dirty);
    dirty.assertMatches(c);
    for (int row : new int[] {0, 1, 3, 5, 7, 8}) {
      assertArrayEquals(gemm(clean).bits(row), c.bits(row));
    }
    assertTrue(Float.isNaN(c.getFloat(2, 69)));
  }

  @Test
  default void fusedEpilogueHasTheBitsOfSeparateSteps() {
    Seeds.forAll(
        30,
        random -> {
          FloatProduct product =
              FloatProduct.random(random, 7, random.nextInt(1, 40), random.nextInt(1, 90));
          MemorySegment bias = Input.bare(Input.gaussians(random, product.n()));
          MemorySegment residual = Output.residual(random, product.rows(), product.n() + 5);
          UnaryFunction[] functions = {
            UnaryFunction.IDENTITY, UnaryFunction.RELU, UnaryFunction.CLIP, UnaryFunction.GELU
          };
          Activation activation =
              new Activation(functions[random.nextInt(functions.length)], -0.5f, 0.75f);
          Epilogue epilogue = new Epilogue(bias, residual, activation);
          Output fused = gemm(product, false, epilogue, ComputePool.CALLER);
          fused.assertNothingElseWritten();
          Output plain = gemm(product);
          Elementwise elementwise = kernels().elementwise();
          for (int row = 0; row < product.rows(); row++) {
            MemorySegment c = plain.segment();
            long at = plain.offset() + (long) row * plain.stride();
            elementwise.binary(BinaryFunction.ADD, c, at, bias, 0, c, at, product.n());
            elementwise.binary(BinaryFunction.ADD, c, at, residual, at, c, at, product.n());
            elementwise.unary(activation, c, at, c, at, product.n());
          }
          assertArrayEquals(plain.bits(), fused.bits());
        });
  }

  @Test
  default void matmulMatchesTheProductInDouble() {
    Seeds.forAll(
        150,
        random -> {
          FloatProduct product = FloatProduct.random(random);
          product.assertMatches(matmul(product, random.nextBoolean(), 1, Epilogue.NONE));
        });
  }

  @Test
  default void matmulHasTheBitsOfTheLayoutBesideIt() {
    Seeds.forAll(
        40,
        random -> {
          FloatProduct product = FloatProduct.random(random);
          assertArrayEquals(
              matmul(product, false, 1, Epilogue.NONE).bits(),
              matmul(product, true, 1, Epilogue.NONE).bits());
        });
  }

  @Test
  default void matmulGivesARowTheSameBitsWhateverIsBesideIt() {
    FloatProduct all = FloatProduct.random(new Random(3), 17, 45, 83);
    Output together = matmul(all, true, 0.125f, Epilogue.NONE);
    for (int row = 0; row < all.rows(); row++) {
      Output alone = matmul(all.rows(row, row + 1), true, 0.125f, Epilogue.NONE);
      assertArrayEquals(alone.bits(0), together.bits(row));
    }
  }

  @Test
  default void matmulScalesBeforeTheBias() {
    FloatProduct product = new FloatProduct(1, 1, 2, new float[] {3}, 1, new float[] {5, 7});
    Epilogue epilogue = Epilogue.of(Input.bare(100f, 200f), Activation.NONE);
    assertArrayEquals(
        new float[] {107.5f, 210.5f}, matmul(product, false, 0.5f, epilogue).floats(0));
    assertEquals(0, matmul(product.rows(0, 0), false, 0.5f, epilogue).bits().length);
  }
}
