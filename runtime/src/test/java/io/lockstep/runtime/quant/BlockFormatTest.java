package io.lockstep.runtime.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockFormatTest {

  /** 0.5 and 2 as binary16, little-endian. */
  private static final byte[] HALF = {0, 0x38};

  private static final byte[] TWO = {0, 0x40};

  private static float[] decode(BlockFormat format, byte[] block) {
    float[] values = new float[format.blockElements()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(block.length);
      MemorySegment.copy(block, 0, segment, ValueLayout.JAVA_BYTE, 0, block.length);
      BlockDecoder.decode(format, segment, 0, values.length, values, 0);
    }
    return values;
  }

  private static byte[] block(BlockFormat format, byte[]... starts) {
    byte[] block = new byte[format.blockBytes()];
    int at = 0;
    for (byte[] start : starts) {
      System.arraycopy(start, 0, block, at, start.length);
      at += start.length;
    }
    return block;
  }

  @Test
  void decodesBlocksOf32() {
    byte[] nibbles = {(byte) 0x2f};
    assertEquals(3.5f, decode(BlockFormat.Q4_0, block(BlockFormat.Q4_0, HALF, nibbles))[0]);
    assertEquals(-3f, decode(BlockFormat.Q4_0, block(BlockFormat.Q4_0, HALF, nibbles))[16]);
    float[] q41 = decode(BlockFormat.Q4_1, block(BlockFormat.Q4_1, HALF, TWO, nibbles));
    assertEquals(9.5f, q41[0]);
    assertEquals(3f, q41[16]);
    byte[] fifth = {1, 0, 2, 0}; // elements 0 and 17
    float[] q50 = decode(BlockFormat.Q5_0, block(BlockFormat.Q5_0, HALF, fifth, nibbles));
    assertEquals(7.5f, q50[0]);
    assertEquals(-7f, q50[16]);
    assertEquals(0f, q50[17]);
    float[] q51 = decode(BlockFormat.Q5_1, block(BlockFormat.Q5_1, HALF, TWO, fifth, nibbles));
    assertEquals(17.5f, q51[0]);
    assertEquals(3f, q51[16]);
    assertEquals(10f, q51[17]);
    byte[] bytes = {-128, 7};
    assertEquals(-64f, decode(BlockFormat.Q8_0, block(BlockFormat.Q8_0, HALF, bytes))[0]);
  }

  @Test
  void decodesGroupsOfSixBitScales() {
    // Group 0 has scale 5 and shift 3; group 4 has scale 0x21 and shift 0x12, out of bytes 0, 4, 8.
    byte[] scales = {(byte) (5 | 0x80), 0, 0, 0, (byte) (3 | 0x40), 0, 0, 0, 0x21, 0, 0, 0};
    byte[] q4 = block(BlockFormat.Q4_K, HALF, TWO, scales);
    q4[16] = 7;
    q4[16 + 64] = 9;
    float[] values = decode(BlockFormat.Q4_K, q4);
    assertEquals(0.5f * 5 * 7 - 2 * 3, values[0]);
    assertEquals(0.5f * 0x21 * 9 - 2 * 0x12, values[128]);
    byte[] q5 = block(BlockFormat.Q5_K, HALF, TWO, scales);
    q5[16] = 0x10;
    q5[48] = 7;
    q5[48 + 64] = 9;
    values = decode(BlockFormat.Q5_K, q5);
    assertEquals(0.5f * 5 * 7 - 2 * 3, values[0]);
    assertEquals(0.5f * 0x21 * 25 - 2 * 0x12, values[128]);
  }

  @Test
  void decodesSixBitElements() {
    byte[] q6 = new byte[BlockFormat.Q6_K.blockBytes()];
    Arrays.fill(q6, 192, 208, (byte) 1);
    q6[192 + 2] = -3;
    q6[208] = HALF[0];
    q6[209] = HALF[1];
    q6[32] = (byte) 0xa5; // low bits of elements 32 and 96
    q6[128] = (byte) 0xc4; // high bits of elements 32 (1) and 96 (3)
    float[] values = decode(BlockFormat.Q6_K, q6);
    assertEquals(-16f, values[0]);
    assertEquals(0.5f * -3 * (0x15 - 32), values[32]);
    assertEquals(0.5f * (0x3a - 32), values[96]);
  }

  @Test
  void writesTheNearestValues() {
    Seeds.forAll(
        50,
        random -> {
          float[] values = new float[64];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          for (BlockFormat format : BlockFormat.values()) {
            if (BlockEncoder.writes(format)) {
              assertNear(values, format);
            }
          }
        });
  }

  private static void assertNear(float[] values, BlockFormat format) {
    float[] read = new float[values.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blocks = arena.allocate(format.bytes(values.length));
      BlockEncoder.encode(format, values, 0, values.length, blocks, 0);
      BlockDecoder.decode(format, blocks, 0, values.length, read, 0);
    }
    double step = format == BlockFormat.Q4_0 ? 0.65 : 0.05;
    for (int i = 0; i < values.length; i++) {
      assertTrue(Math.abs(values[i] - read[i]) < step, format + ": " + values[i] + " " + read[i]);
    }
    if (format == BlockFormat.F32) {
      assertArrayEquals(values, read);
    }
  }
}
