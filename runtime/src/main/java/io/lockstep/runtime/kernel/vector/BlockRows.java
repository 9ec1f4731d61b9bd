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
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * COUNT)));

  private static final boolean HAS_BYTES = BYTES.length() == COUNT;

  private BlockRows() {}

  /** Row {@code row} of {@code w} as float [k] from {@code to} on. */
  static void decode(BlockMatrix w, int row, float[] target, int to) {
    long at = row * w.rowBytes();
    switch (w.format()) {
      case F32 ->
          MemorySegment.copy(w.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, at, target, to, w.k());
      case Q8_0 -> {
        if (HAS_BYTES) {
          decodeQ8(w.data(), at, w.k(), target, to);
        } else {
          BlockDecoder.decode(w.format(), w.data(), at, w.k(), target, to);
        }
      }
      case Q4_0 -> {
        if (HAS_BYTES) {
          decodeQ4(w.data(), at, w.k(), target, to);
        } else {
          BlockDecoder.decode(w.format(), w.data(), at, w.k(), target, to);
        }
      }
      case F16, BF16, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
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
}
