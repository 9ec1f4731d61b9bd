package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products with small integers that are quantised in blocks. */
interface NBitsGemmConformance extends ConformanceCase {

  private static NBitsFormat format(Random random, boolean mayRound) {
    int bits = 2 << random.nextInt(3);
    int blockSize = 16 << random.nextInt(5);
    return new NBitsFormat(bits, blockSize, random.nextBoolean(), mayRound);
  }

  /** Zero points that are integers where all of them have to be. */
  private static NBitsMatrix weights(Random random, NBitsFormat format, int n, int k) {
    int blocks = n * format.blocks(k);
    float[] scales = new float[blocks];
    float[] zeros = new float[format.hasZeros() ? blocks : 0];
    for (int i = 0; i < blocks; i++) {
      scales[i] = (float) random.nextGaussian() * 0.01f;
    }
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = random.nextInt(1 << format.bits()) + (format.mayRound() ? 0 : 0.3f);
    }
    return new NBitsMatrix(
        format,
        n,
        k,
        Input.bare(Input.extremeBytes(random, blocks * format.blockBytes())),
        Input.bare(scales),
        Input.bare(zeros));
  }

  private Output product(NBitsMatrix w, int rows, Input a, ComputePool pool) {
    Output c = Output.ofWords(rows, w.n(), w.n() + 2);
    try (TensorArena owner = new TensorArena()) {
      NBitsGemm kernel = kernels().nBitsGemm();
      NBitsMatrix packed = kernel.pack(w, owner, pool);
      kernel.gemm(
          rows, a.segment(), a.offset(), w.k(), packed, c.segment(), c.offset(), c.stride(), pool);
    }
    return c;
  }

  private static float[] decoded(NBitsMatrix w, int column) {
    float[] row = new float[w.k()];
    w.decode(column, row, 0);
    return row;
  }

  @Test
  default void smallIntegersAreMultipliedAsTheFloatsThatTheyStandFor() {
    Seeds.forAll(
        40,
        random -> {
          NBitsMatrix w =
              weights(
                  random, format(random, false), random.nextInt(1, 90), random.nextInt(0, 1200));
          int rows = random.nextInt(3) == 0 ? random.nextInt(13, 40) : random.nextInt(0, 13);
          float[] values = Input.gaussians(random, rows * w.k());
          Output c = product(w, rows, Input.of(values), threads());
          for (int column = 0; column < w.n(); column++) {
            float[] weights = decoded(w, column);
            for (int row = 0; row < rows; row++) {
              double sum = 0;
              double magnitude = 1e-30;
              for (int i = 0; i < w.k(); i++) {
                double term = (double) values[row * w.k() + i] * weights[i];
                sum += term;
                magnitude += Math.abs(term);
              }
              assertEquals(sum, c.getFloat(row, column), 2e-6 * magnitude, w.format().toString());
            }
          }
          c.assertNothingElseWritten();
        });
  }

  @Test
  default void roundedActivationsKeepTheirBound() {
    Seeds.forAll(
        40,
        random -> {
          NBitsFormat format = format(random, true);
          int k = format.blockSize() * random.nextInt(1, 4) - random.nextInt(4) / 3 * 7;
          NBitsMatrix w = weights(random, format, random.nextInt(1, 90), k);
          int rows = random.nextInt(0, 30);
          float[] values = Input.gaussians(random, rows * k);
          Output c = product(w, rows, Input.of(values), threads());
          for (int column = 0; column < w.n(); column++) {
            float[] weights = decoded(w, column);
            for (int row = 0; row < rows; row++) {
              float[] x = Arrays.copyOfRange(values, row * k, (row + 1) * k);
              assertRounded(x, weights, c.getFloat(row, column), format);
            }
          }
          c.assertNothingElseWritten();
        });
  }

  private static void assertRounded(float[] x, float[] weights, float actual, NBitsFormat format) {
    double sum = 0;
    double bound = 1e-30;
    for (int from = 0; from < x.length; from += 32) {
      double largest = 0;
      double weight = 0;
      for (int i = from; i < Math.min(x.length, from + 32); i++) {
        sum += (double) x[i] * weights[i];
        largest = Math.max(largest, Math.abs(x[i]));
        weight += Math.abs(weights[i]);
      }
      bound += largest * weight * (0.51 / 127);
    }
    assertEquals(sum, actual, bound, format.toString());
  }

  @Test
  default void productsWithSmallIntegersOfARowDoNotDependOnTheOthers() {
    Seeds.forAll(
        24,
        random -> {
          NBitsFormat format = format(random, random.nextBoolean());
          int rows = 31;
          NBitsMatrix w = weights(random, format, 77, 512);
          float[] values = Input.gaussians(random, rows * w.k());
          Output all = product(w, rows, Input.of(values), threads());
          for (int count = 1; count < rows; count += 1 + count / 2) {
            float[] last = Arrays.copyOfRange(values, (rows - count) * w.k(), rows * w.k());
            Output some = product(w, count, Input.of(last), ComputePool.CALLER);
            for (int row = 0; row < count; row++) {
              for (int column = 0; column < w.n(); column++) {
                float expected = all.getFloat(rows - count + row, column);
                assertEquals(expected, some.getFloat(row, column), format.toString());
              }
            }
          }
        });
  }

  @Test
  default void rowsOfLargeProductsDoNotDependOnTheOthers() {
    Random random = new Random(13);
    int rows = 205;
    NBitsMatrix w = weights(random, new NBitsFormat(4, 32, true, false), 531, 1100);
    float[] values = Input.gaussians(random, rows * w.k());
    Output all = product(w, rows, Input.of(values), threads());
    for (int row : new int[] {0, 101, 102, rows - 1}) {
      float[] alone = Arrays.copyOfRange(values, row * w.k(), (row + 1) * w.k());
      Output one = product(w, 1, Input.of(alone), ComputePool.CALLER);
      for (int column = 0; column < w.n(); column++) {
        assertEquals(one.getFloat(0, column), all.getFloat(row, column));
      }
    }
  }

  @Test
  default void nansAndInfinitiesReachTheResultsOfTheirRowsAlone() {
    Seeds.forAll(
        12,
        random -> {
          NBitsFormat format = format(random, random.nextBoolean());
          NBitsMatrix w = weights(random, format, 19, 256);
          float[] values = Input.gaussians(random, 3 * w.k());
          values[5] = Float.NaN;
          values[w.k() + 7] = Float.POSITIVE_INFINITY;
          Output c = product(w, 3, Input.of(values), threads());
          for (int column = 0; column < w.n(); column++) {
            assertEquals(Float.NaN, c.getFloat(0, column), format.toString());
            assertFalse(Float.isFinite(c.getFloat(1, column)), format.toString());
            assertTrue(Float.isFinite(c.getFloat(2, column)), format.toString());
          }
        });
  }

  @Test
  default void packedSmallIntegersNeedNoneOfTheirSources() {
    Random random = new Random(3);
    NBitsMatrix w = weights(random, new NBitsFormat(4, 32, true, false), 20, 96);
    Input a = Input.of(Input.gaussians(random, 96));
    Output expected = product(w, 1, a, threads());
    Output actual = Output.ofWords(1, 20, 20);
    try (TensorArena owner = new TensorArena()) {
      NBitsMatrix packed = kernels().nBitsGemm().pack(w, owner, threads());
      for (MemorySegment source : new MemorySegment[] {w.codes(), w.scales(), w.zeros()}) {
        source.fill((byte) 0);
      }
      kernels()
          .nBitsGemm()
          .gemm(
              1,
              a.segment(),
              a.offset(),
              96,
              packed,
              actual.segment(),
              actual.offset(),
              actual.stride(),
              threads());
    }
    for (int column = 0; column < 20; column++) {
      assertEquals(expected.getFloat(0, column), actual.getFloat(0, column));
    }
  }
}
