package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.quant.BlockDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Decodes rows of weights to the very floats of {@link BlockDecoder}. */
final class BlockRows {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

  /** As many bytes as there are floats in a vector; 4 bytes make no vector. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * COUNT)));

  static final boolean HAS_BYTES = BYTES.length() == COUNT;

  private BlockRows() {}

  /** Row {@code row} of {@code w} as float [k] from {@code to} on. */
  static void decode(BlockMatrix w, int row, float[] target, int to) {
    long at = row * w.rowBytes();
    if (!HAS_BYTES) {
      BlockDecoder.decode(w.format(), w.data(), at, w.k(), target, to);
      return;
    }
    switch (w.format()) {
      case F32 ->
          MemorySegment.copy(w.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, at, target, to, w.k());
      case Q8_0 -> decodeQ8(w.data(), at, w.k(), target, to);
      case Q4_0 -> decodeQ4(w.data(), at, w.k(), target, to);
      case Q4_K -> decodeQ4K(w.data(), at, w.k(), target, to);
      case Q6_K -> decodeQ6K(w.data(), at, w.k(), target, to);
      case F16, BF16, Q4_1, Q5_0, Q5_1, Q5_K ->
          BlockDecoder.decode(w.format(), w.data(), at, w.k(), target, to);
    }
  }

  private static void decodeQ8(MemorySegment data, long at, int k, float[] target, int to) {
    for (int i = 0; i < k; i += 32) {
      long block = at + i / 32 * 34L;
      float scale = Float.float16ToFloat(data.get(SHORT, block));
      for (int j = 0; j < 32; j += COUNT) {
        FloatVector q =
            (FloatVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 2 + j, ORDER)
                    .castShape(FLOATS, 0);
        q.mul(scale).intoArray(target, to + i + j);
      }
    }
  }

  private static void decodeQ4(MemorySegment data, long at, int k, float[] target, int to) {
    for (int i = 0; i < k; i += 32) {
      long block = at + i / 32 * 18L;
      float scale = Float.float16ToFloat(data.get(SHORT, block));
      for (int j = 0; j < 16; j += COUNT) {
        IntVector pairs =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 2 + j, ORDER)
                    .castShape(Lanes.INTS, 0);
        FloatVector low = (FloatVector) pairs.and(15).sub(8).castShape(FLOATS, 0);
        FloatVector high =
            (FloatVector)
                pairs.lanewise(VectorOperators.LSHR, 4).and(15).sub(8).castShape(FLOATS, 0);
        low.mul(scale).intoArray(target, to + i + j);
        high.mul(scale).intoArray(target, to + i + 16 + j);
      }
    }
  }

  private static void decodeQ4K(MemorySegment data, long at, int k, float[] target, int to) {
    for (int i = 0; i < k; i += 256) {
      long block = at + i / 256 * 144L;
      float d = Float.float16ToFloat(data.get(SHORT, block));
      float m = Float.float16ToFloat(data.get(SHORT, block + 2));
      for (int pair = 0; pair < 4; pair++) {
        float lowScale = d * BlockDecoder.groupScale(data, block + 4, 2 * pair);
        float lowShift = m * BlockDecoder.groupShift(data, block + 4, 2 * pair);
        float highScale = d * BlockDecoder.groupScale(data, block + 4, 2 * pair + 1);
        float highShift = m * BlockDecoder.groupShift(data, block + 4, 2 * pair + 1);
        int group = to + i + pair * 64;
        for (int j = 0; j < 32; j += COUNT) {
          IntVector pairs =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, block + 16 + pair * 32L + j, ORDER)
                      .castShape(Lanes.INTS, 0);
          FloatVector low = (FloatVector) pairs.and(15).castShape(FLOATS, 0);
          FloatVector high =
              (FloatVector) pairs.lanewise(VectorOperators.LSHR, 4).and(15).castShape(FLOATS, 0);
          low.mul(lowScale).sub(lowShift).intoArray(target, group + j);
          high.mul(highScale).sub(highShift).intoArray(target, group + 32 + j);
        }
      }
    }
  }

  private static void decodeQ6K(MemorySegment data, long at, int k, float[] target, int to) {
    for (int i = 0; i < k; i += 256) {
      long block = at + i / 256 * 210L;
      float d = Float.float16ToFloat(data.get(SHORT, block + 208));
      for (int j = 0; j < 256; j += COUNT) {
        int part = j / 128;
        int quarter = j % 128 / 32;
        long lowAt = block + part * 64L + quarter % 2 * 32L + j % 32;
        IntVector low =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, lowAt, ORDER).castShape(Lanes.INTS, 0);
        long highAt = block + 128 + part * 32L + j % 32;
        IntVector high =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, highAt, ORDER).castShape(Lanes.INTS, 0);
        IntVector q =
            low.lanewise(VectorOperators.LSHR, quarter / 2 * 4)
                .and(15)
                .or(
                    high.lanewise(VectorOperators.LSHR, quarter * 2)
                        .and(3)
                        .lanewise(VectorOperators.LSHL, 4));
        float scale = d * data.get(ValueLayout.JAVA_BYTE, block + 192 + j / 16);
        FloatVector values = (FloatVector) q.sub(32).castShape(FLOATS, 0);
        values.mul(scale).intoArray(target, to + i + j);
      }
    }
  }
}
