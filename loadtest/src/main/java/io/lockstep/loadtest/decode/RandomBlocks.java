package io.lockstep.loadtest.decode;

import io.lockstep.runtime.quant.BlockFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Blocks of random weights whose products keep the size of what they are given. */
final class RandomBlocks {

  private static final int BLOCKS = 8192;

  /** Deviation of elements of 8 and 4 bits when all values are equally likely. */
  private static final double BYTE_DEVIATION = 73.9;

  private static final double NIBBLE_DEVIATION = 4.61;

  /** Scales and shifts of Q4_K: 32 in all six-bit fields. */
  private static final int GROUP_FACTOR = 32;

  private static final int PACKED_GROUP_FACTOR = 0xA0;

  private RandomBlocks() {}

  /** The bytes of some blocks, to be repeated: rows of {@code k} elements get variance 1 / k. */
  static byte[] of(BlockFormat format, int k, long seed) {
    byte[] bytes = new byte[BLOCKS * format.blockBytes()];
    Random random = new Random(seed);
    random.nextBytes(bytes);
    ByteBuffer blocks = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double deviation = 1 / Math.sqrt(k);
    for (int at = 0; at < bytes.length; at += format.blockBytes()) {
      switch (format) {
        case Q8_0 -> blocks.putShort(at, half(deviation / BYTE_DEVIATION));
        case Q4_0 -> blocks.putShort(at, half(deviation / NIBBLE_DEVIATION));
        case Q4_K -> {
          double scale = deviation / NIBBLE_DEVIATION / GROUP_FACTOR;
          blocks.putShort(at, half(scale));
          blocks.putShort(at + 2, half(7.5 * scale));
          Arrays.fill(bytes, at + 4, at + 12, (byte) PACKED_GROUP_FACTOR);
          Arrays.fill(bytes, at + 12, at + 16, (byte) 0);
        }
        case F16 -> blocks.putShort(at, half(deviation * random.nextGaussian()));
        case BF16 -> {
          int bits = Float.floatToRawIntBits((float) (deviation * random.nextGaussian()));
          blocks.putShort(at, (short) (bits >>> Short.SIZE));
        }
        case F32, Q4_1, Q5_0, Q5_1, Q5_K, Q6_K ->
            throw new IllegalArgumentException("no random blocks of " + format);
      }
    }
    return bytes;
  }

  private static short half(double value) {
    return Float.floatToFloat16((float) value);
  }
}
