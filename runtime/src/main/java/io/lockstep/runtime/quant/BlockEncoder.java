package io.lockstep.runtime.quant;

import io.lockstep.runtime.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Stores floats in a {@link BlockFormat}, each element at the nearest value its block has. */
public final class BlockEncoder {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BlockEncoder() {}

  /** Whether {@link #encode} writes this format. */
  public static boolean writes(BlockFormat format) {
    return switch (format) {
      case F32, F16, BF16, Q8_0, Q4_0 -> true;
      case Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> false;
    };
  }

  /**
   * Encodes whole blocks.
   *
   * @param source float [count] from index {@code from} on
   * @param count elements; a multiple of the block's
   * @param target takes {@code format.bytes(count)} bytes from byte {@code at} on
   */
  public static void encode(
      BlockFormat format, float[] source, int from, int count, MemorySegment target, long at) {
    int elements = format.blockElements();
    for (int i = 0; i < count; i += elements) {
      long block = at + (long) (i / elements) * format.blockBytes();
      switch (format) {
        case F32 -> target.set(FLOAT, block, source[from + i]);
        case F16 -> target.set(SHORT, block, Float.floatToFloat16(source[from + i]));
        case BF16 -> target.set(SHORT, block, BFloat16.ofFloat(source[from + i]));
        case Q8_0 -> encodeQ8(source, from + i, target, block);
        case Q4_0 -> encodeQ4(source, from + i, target, block);
        case Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
            throw new IllegalArgumentException(format + " can be read but not written");
      }
    }
  }

  /** The largest magnitude becomes 127. */
  private static void encodeQ8(float[] source, int from, MemorySegment target, long block) {
    float scale = Math.abs(extreme(source, from)) / 127;
    float inverse = scale == 0 ? 0 : 1 / scale;
    target.set(SHORT, block, Float.floatToFloat16(scale));
    for (int j = 0; j < 32; j++) {
      int q = Math.round(source[from + j] * inverse);
      target.set(ValueLayout.JAVA_BYTE, block + 2 + j, (byte) q);
    }
  }

  /** The value of largest magnitude becomes -8, the only end of the range without a counterpart. */
  private static void encodeQ4(float[] source, int from, MemorySegment target, long block) {
    float scale = extreme(source, from) / -8;
    float inverse = scale == 0 ? 0 : 1 / scale;
    target.set(SHORT, block, Float.floatToFloat16(scale));
    for (int j = 0; j < 16; j++) {
      int low = nibble(source[from + j] * inverse);
      int high = nibble(source[from + j + 16] * inverse);
      target.set(ValueLayout.JAVA_BYTE, block + 2 + j, (byte) (low | (high << 4)));
    }
  }

  private static int nibble(float scaled) {
    return Math.clamp(Math.round(scaled) + 8, 0, 15);
  }

  /** The element of largest magnitude, with its sign. */
  private static float extreme(float[] source, int from) {
    float extreme = 0;
    for (int j = 0; j < 32; j++) {
      if (Math.abs(source[from + j]) > Math.abs(extreme)) {
        extreme = source[from + j];
      }
    }
    return extreme;
  }
}
