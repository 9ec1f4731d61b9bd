package io.lockstep.runtime.quant;

import io.lockstep.runtime.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the bytes of each {@link BlockFormat} stand for, element by element: the definition that
 * faster kernels are held to. Numbers are little-endian.
 */
public final class BlockDecoder {

  /*
   * Layouts, from the block definitions of the GGUF format (ggml). d, m: binary16 scales. Elements
   * of 4 bits share bytes half a group apart: the low nibble of byte j is element j, the high one
   * element j + 16 (j + 32 in the formats of 256 elements).
   *
   *   Q8_0  d, 32 signed bytes q                      d q
   *   Q4_0  d, 16 bytes of nibbles q                  d (q - 8)
   *   Q4_1  d, m, 16 bytes of nibbles q               d q + m
   *   Q5_0  d, 32 fifth bits, 16 bytes of nibbles     d (q - 16)
   *   Q5_1  d, m, 32 fifth bits, 16 bytes of nibbles  d q + m
   *   Q4_K  d, m, 12 bytes of 8 pairs of six bits (s, t), 128 bytes of nibbles; group g of 32:
   *         (d s[g]) q - (m t[g])
   *   Q5_K  as Q4_K, with 32 bytes between whose bit g is the fifth bit of group g
   *   Q6_K  128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales s, d; group g of
   *         16: (d s[g]) (q - 32)
   */

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BlockDecoder() {}

  /**
   * Decodes whole blocks.
   *
   * @param source blocks of {@code format} from byte {@code at} on
   * @param count elements; a multiple of the block's
   * @param target float [count] from index {@code to} on
   */
  public static void decode(
      BlockFormat format, MemorySegment source, long at, int count, float[] target, int to) {
    int elements = format.blockElements();
    for (int i = 0; i < count; i += elements) {
      long block = at + (long) (i / elements) * format.blockBytes();
      switch (format) {
        case F32 -> target[to + i] = source.get(FLOAT, block);
        case F16 -> target[to + i] = half(source, block);
        case BF16 -> target[to + i] = BFloat16.toFloat(source.get(SHORT, block));
        case Q8_0 -> decodeQ8(source, block, target, to + i);
        case Q4_0 -> decodeNibbles(source, block + 2, half(source, block), 8, target, to + i);
        case Q4_1 -> decodeShifted(source, block, 4, 0, target, to + i);
        case Q5_0 -> decodeQ5(source, block, target, to + i);
        case Q5_1 -> decodeShifted(source, block, 8, source.get(INT, block + 4), target, to + i);
        case Q4_K -> decodeGroups(source, block, 0, 16, target, to + i);
        case Q5_K -> decodeGroups(source, block, 16, 48, target, to + i);
        case Q6_K -> decodeQ6(source, block, target, to + i);
      }
    }
  }

  private static void decodeQ8(MemorySegment source, long block, float[] target, int to) {
    float scale = half(source, block);
    for (int j = 0; j < 32; j++) {
      target[to + j] = scale * source.get(ValueLayout.JAVA_BYTE, block + 2 + j);
    }
  }

  private static void decodeNibbles(
      MemorySegment source, long at, float scale, int zero, float[] target, int to) {
    for (int j = 0; j < 16; j++) {
      int pair = unsigned(source, at + j);
      target[to + j] = scale * ((pair & 15) - zero);
      target[to + j + 16] = scale * ((pair >>> 4) - zero);
    }
  }

  private static void decodeQ5(MemorySegment source, long block, float[] target, int to) {
    float scale = half(source, block);
    int fifth = source.get(INT, block + 2);
    for (int j = 0; j < 16; j++) {
      int pair = unsigned(source, block + 6 + j);
      target[to + j] = scale * (((pair & 15) | bit(fifth, j)) - 16);
      target[to + j + 16] = scale * (((pair >>> 4) | bit(fifth, j + 16)) - 16);
    }
  }

  /** Q4_1 and Q5_1: nibbles from byte {@code nibbles} of the block, above which {@code fifth}. */
  private static void decodeShifted(
      MemorySegment source, long block, int nibbles, int fifth, float[] target, int to) {
    float scale = half(source, block);
    float shift = half(source, block + 2);
    for (int j = 0; j < 16; j++) {
      int pair = unsigned(source, block + nibbles + j);
      target[to + j] = scale * ((pair & 15) | bit(fifth, j)) + shift;
      target[to + j + 16] = scale * ((pair >>> 4) | bit(fifth, j + 16)) + shift;
    }
  }

  /**
   * Q4_K and Q5_K.
   *
   * @param fifth byte of the block where the fifth bits start, or 0 when there are none
   * @param nibbles byte of the block where the nibbles start
   */
  private static void decodeGroups(
      MemorySegment source, long block, int fifth, int nibbles, float[] target, int to) {
    float d = half(source, block);
    float m = half(source, block + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * groupScale(source, block + 4, group);
      float shift = m * groupShift(source, block + 4, group);
      long at = block + nibbles + group / 2 * 32L;
      for (int j = 0; j < 32; j++) {
        int q = (unsigned(source, at + j) >>> (group % 2 * 4)) & 15;
        if (fifth > 0) {
          q |= ((unsigned(source, block + fifth + j) >>> group) & 1) << 4;
        }
        target[to + group * 32 + j] = scale * q - shift;
      }
    }
  }

  /** The six-bit scale of a group of Q4_K and Q5_K; {@code at} is where the twelve bytes start. */
  public static int groupScale(MemorySegment source, long at, int group) {
    return group < 4
        ? unsigned(source, at + group) & 63
        : (unsigned(source, at + group + 4) & 15) | ((unsigned(source, at + group - 4) >>> 6) << 4);
  }

  /** The six-bit shift of a group of Q4_K and Q5_K. */
  public static int groupShift(MemorySegment source, long at, int group) {
    return group < 4
        ? unsigned(source, at + group + 4) & 63
        : (unsigned(source, at + group + 4) >>> 4) | ((unsigned(source, at + group) >>> 6) << 4);
  }

  private static void decodeQ6(MemorySegment source, long block, float[] target, int to) {
    float d = half(source, block + 208);
    for (int i = 0; i < 256; i++) {
      int part = i / 128; // two parts of 64 low bytes and 32 high bytes
      int quarter = i % 128 / 32;
      int j = i % 32;
      int low = unsigned(source, block + part * 64L + quarter % 2 * 32L + j) >>> (quarter / 2 * 4);
      int high = (unsigned(source, block + 128 + part * 32L + j) >>> (quarter * 2)) & 3;
      float scale = d * source.get(ValueLayout.JAVA_BYTE, block + 192 + i / 16);
      target[to + i] = scale * (((low & 15) | (high << 4)) - 32);
    }
  }

  /** Bit {@code j} of {@code bits}, as the fifth bit of an element. */
  private static int bit(int bits, int j) {
    return ((bits >>> j) & 1) << 4;
  }

  private static int unsigned(MemorySegment source, long at) {
    return Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, at));
  }

  private static float half(MemorySegment source, long at) {
    return Float.float16ToFloat(source.get(SHORT, at));
  }
}
