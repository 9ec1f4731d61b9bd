package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.quant.BlockDecoder;
import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
        case BF16 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) 0x3f80);
        case Q6_K -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 208, (short) 0x2c00);
        case F16, Q8_0, Q4_0, Q5_0 ->
            data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) 0x2c00);
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

  @Test
  default void blockProductsOfARowDoNotDependOnTheOthers() {
    Random random = new Random(5);
    int rows = 11;
    int n = 9;
    int k = 96;
    for (BlockFormat format : new BlockFormat[] {BlockFormat.Q8_0, BlockFormat.Q4_0}) {
      try (Arena arena = Arena.ofShared()) {
        BlockMatrix w = weights(random, format, n, k, arena);
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
