package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.quant.BlockDecoder;
import io.lockstep.runtime.quant.BlockFormat;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products with block-quantised matrices. */
interface BlockGemmConformance extends ConformanceCase {

  /** Weights of random bytes whose scales are small numbers. */
  private static BlockMatrix weights(Random random, BlockFormat format, int n, int k, Arena arena) {
    MemorySegment data = arena.allocate(n * format.bytes(k));
    for (long at = 0; at < data.byteSize(); at++) {
      data.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
    for (long at = 0; at < data.byteSize(); at += format.blockBytes()) {
      switch (format) {
        case F32 -> data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) random.nextGaussian());
        case BF16 -> {
          int bits = Float.floatToRawIntBits((float) random.nextGaussian());
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (bits >>> 16));
        }
        case F16 -> {
          float value = (float) random.nextGaussian() * (random.nextInt(9) == 0 ? 1e-6f : 1);
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(value));
        }
        case Q6_K -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 208, (short) 0x2c00);
        case Q8_0, Q4_0, Q5_0 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) 0x2c00);
        case Q4_1, Q5_1, Q4_K, Q5_K -> {
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) 0x2c00);
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2, (short) 0xb000);
        }
      }
    }
    return new BlockMatrix(format, n, k, data);
  }

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static MemorySegment copyOf(float[] values, Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }

  @Test
  default void blockProductsMatchADoubleReference() {
    Seeds.forAll(
        4,
        random -> {
          for (BlockFormat format : BlockFormat.values()) {
            int unit = format.blockElements();
            int k = unit * random.nextInt(1, unit > 1 ? 5 : 70);
            assertMatches(random, format, random.nextInt(1, 11), random.nextInt(1, 11), k);
          }
        });
  }

  private void assertMatches(Random random, BlockFormat format, int rows, int n, int k) {
    try (Arena arena = Arena.ofShared()) {
      BlockMatrix w = weights(random, format, n, k, arena);
      float[] a = random(random, rows * k);
      MemorySegment c = arena.allocate((long) rows * (n + 3) * Float.BYTES);
      c.fill((byte) 0x7f);
      kernels().blockGemm().gemm(rows, copyOf(a, arena), 0, k, w, c, 0, n + 3, threads());
      float guard = Float.intBitsToFloat(0x7f7f7f7f);
      float[] decoded = new float[k];
      for (int column = 0; column < n; column++) {
        BlockDecoder.decode(format, w.data(), column * w.rowBytes(), k, decoded, 0);
        for (int row = 0; row < rows; row++) {
          double sum = 0;
          double magnitude = 1e-30;
          for (int i = 0; i < k; i++) {
            sum += (double) a[row * k + i] * decoded[i];
            magnitude += Math.abs((double) a[row * k + i] * decoded[i]);
          }
          long at = (long) row * (n + 3) + column;
          assertEquals(
              sum, c.getAtIndex(ValueLayout.JAVA_FLOAT, at), 1e-5 * magnitude, format.name());
        }
      }
      for (int row = 0; row < rows; row++) {
        assertEquals(guard, c.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * (n + 3) + n));
      }
    }
  }

  /** Packed matrices may round activations; the bound is that of rounding, block by block. */
  private void assertPackedMatches(Random random, BlockFormat format, int rows, int n, int k) {
    try (Arena arena = Arena.ofShared();
        TensorArena owner = new TensorArena()) {
      BlockMatrix w = weights(random, format, n, k, arena);
      BlockMatrix packed = kernels().blockGemm().pack(w, owner, threads());
      float[] a = random(random, rows * k);
      MemorySegment c = arena.allocate((long) rows * (n + 3) * Float.BYTES);
      c.fill((byte) 0x7f);
      kernels().blockGemm().gemm(rows, copyOf(a, arena), 0, k, packed, c, 0, n + 3, threads());
      float[] decoded = new float[k];
      for (int column = 0; column < n; column++) {
        BlockDecoder.decode(format, w.data(), column * w.rowBytes(), k, decoded, 0);
        for (int row = 0; row < rows; row++) {
          double sum = 0;
          double bound = 1e-30;
          for (int from = 0; from < k; from += 32) {
            double largest = 0;
            double weight = 0;
            for (int i = from; i < Math.min(k, from + 32); i++) {
              sum += (double) a[row * k + i] * decoded[i];
              largest = Math.max(largest, Math.abs(a[row * k + i]));
              weight += Math.abs(decoded[i]);
            }
            bound += largest * weight * (0.51 / 127);
          }
          long at = (long) row * (n + 3) + column;
          assertEquals(sum, c.getAtIndex(ValueLayout.JAVA_FLOAT, at), bound, format.name());
        }
      }
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < 3; i++) {
          int bits = c.getAtIndex(ValueLayout.JAVA_INT, (long) row * (n + 3) + n + i);
          assertEquals(0x7f7f7f7f, bits);
        }
      }
    }
  }

  @Test
  default void productsWithPackedBlocksMatchWithinTheRoundingOfActivations() {
    Seeds.forAll(
        3,
        random -> {
          for (BlockFormat format : BlockFormat.values()) {
            int unit = format.blockElements();
            int k = unit * random.nextInt(1, unit > 1 ? 5 : 70);
            assertPackedMatches(random, format, random.nextInt(1, 9), random.nextInt(1, 70), k);
            assertPackedMatches(random, format, random.nextInt(9, 40), random.nextInt(1, 70), k);
          }
        });
  }

  @Test
  default void weightsOf16BitsAreMultipliedAsTheFloatsThatTheyAre() {
    Seeds.forAll(
        12,
        random -> {
          BlockFormat format = random.nextBoolean() ? BlockFormat.F16 : BlockFormat.BF16;
          int k = random.nextInt(3) == 0 ? random.nextInt(2000, 4200) : random.nextInt(1, 90);
          int n = random.nextInt(1, 140);
          int rows = random.nextInt(0, 15);
          try (Arena arena = Arena.ofShared();
              TensorArena owner = new TensorArena()) {
            BlockMatrix w = weights(random, format, n, k, arena);
            BlockMatrix packed = kernels().blockGemm().pack(w, owner, threads());
            float[] values = random(random, rows * k);
            Input a = Input.of(values);
            Output c = Output.ofWords(rows, n, n + 2);
            kernels()
                .blockGemm()
                .gemm(
                    rows,
                    a.segment(),
                    a.offset(),
                    k,
                    packed,
                    c.segment(),
                    c.offset(),
                    c.stride(),
                    threads());
            float[] decoded = new float[k];
            for (int column = 0; column < n; column++) {
              BlockDecoder.decode(format, w.data(), column * w.rowBytes(), k, decoded, 0);
              for (int row = 0; row < rows; row++) {
                double sum = 0;
                double magnitude = 1e-30;
                for (int i = 0; i < k; i++) {
                  double product = (double) values[row * k + i] * decoded[i];
                  sum += product;
                  magnitude += Math.abs(product);
                }
                assertEquals(sum, c.getFloat(row, column), 2e-6 * magnitude, format.name());
              }
            }
            c.assertNothingElseWritten();
          }
        });
  }

  @Test
  default void infinitiesAndNansReachTheResultsOfTheirRowsAlone() {
    Random random = new Random(9);
    for (BlockFormat format : BlockFormat.values()) {
      int k = Math.max(64, format.blockElements());
      int n = 17;
      try (Arena arena = Arena.ofShared();
          TensorArena owner = new TensorArena()) {
        BlockMatrix w = weights(random, format, n, k, arena);
        BlockMatrix packed = kernels().blockGemm().pack(w, owner, threads());
        float[] a = random(random, 3 * k);
        a[5] = Float.NaN;
        a[k + 7] = Float.POSITIVE_INFINITY;
        MemorySegment c = arena.allocate(3L * n * Float.BYTES);
        kernels().blockGemm().gemm(3, copyOf(a, arena), 0, k, packed, c, 0, n, threads());
        for (int column = 0; column < n; column++) {
          assertTrue(Float.isNaN(c.getAtIndex(ValueLayout.JAVA_FLOAT, column)), format.name());
          assertFalse(Float.isFinite(c.getAtIndex(ValueLayout.JAVA_FLOAT, n + column)));
          assertTrue(Float.isFinite(c.getAtIndex(ValueLayout.JAVA_FLOAT, 2L * n + column)));
        }
      }
    }
  }

  @Test
  default void blockProductsOfARowDoNotDependOnTheOthers() {
    Random random = new Random(5);
    int rows = 31;
    int n = 41;
    int k = 512;
    List<BlockFormat> formats =
        List.of(
            BlockFormat.Q8_0,
            BlockFormat.Q4_0,
            BlockFormat.Q4_K,
            BlockFormat.Q6_K,
            BlockFormat.F16,
            BlockFormat.BF16);
    for (int turn = 0; turn < 2 * formats.size(); turn++) {
      try (Arena arena = Arena.ofShared();
          TensorArena owner = new TensorArena()) {
        BlockMatrix w = weights(random, formats.get(turn / 2), n, k, arena);
        if (turn % 2 == 1) {
          w = kernels().blockGemm().pack(w, owner, threads());
        }
        MemorySegment a = copyOf(random(random, rows * k), arena);
        MemorySegment all = arena.allocate((long) rows * n * Float.BYTES);
        MemorySegment alone = arena.allocate((long) rows * n * Float.BYTES);
        kernels().blockGemm().gemm(rows, a, 0, k, w, all, 0, n, threads());
        for (int row = 0; row < rows; row++) {
          kernels()
              .blockGemm()
              .gemm(1, a, (long) row * k, k, w, alone, (long) row * n, n, ComputePool.CALLER);
        }
        assertEquals(-1, all.mismatch(alone));
      }
    }
  }

  @Test
  default void weightsAreTheFloatsOfTheDecoder() {
    Random random = new Random(7);
    for (BlockFormat format : BlockFormat.values()) {
      int k = Math.max(32, format.blockElements());
      try (Arena arena = Arena.ofShared()) {
        BlockMatrix w = weights(random, format, 1, k, arena);
        float[] expected = new float[k];
        BlockDecoder.decode(format, w.data(), 0, k, expected, 0);
        float[] units = new float[k * k];
        for (int i = 0; i < k; i++) {
          units[i * k + i] = 1;
        }
        MemorySegment c = arena.allocate((long) k * Float.BYTES);
        kernels().blockGemm().gemm(k, copyOf(units, arena), 0, k, w, c, 0, 1, threads());
        for (int i = 0; i < k; i++) {
          float actual = c.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          if (Float.isFinite(expected[i])) {
            assertEquals(expected[i] + 0f, actual + 0f, format.name());
          }
        }
      }
    }
  }
}
