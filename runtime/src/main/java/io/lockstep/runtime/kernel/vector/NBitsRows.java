package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.NBitsFormat;
import io.lockstep.runtime.kernel.NBitsMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Decodes rows of small integers to the very floats of {@link NBitsMatrix#decode}. So that vectors
 * of 4-bit elements need no interleaving, each 32 of them are put in another order first: byte i
 * holds elements i and 16 + i.
 */
final class NBitsRows {

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

  /** Elements that a turn decodes. */
  private static final int GROUP = 32;

  private static final long LOW_NIBBLES = 0x0f0f0f0f0f0f0f0fL;

  private NBitsRows() {}

  /** Whether vectors decode blocks of a format. */
  static boolean isWide(NBitsFormat format) {
    return BlockRows.HAS_BYTES && format.bits() >= 4 && format.blockSize() % GROUP == 0;
  }

  /** The same matrix, its elements of 4 bits put in order in place. */
  static NBitsMatrix ordered(NBitsMatrix w) {
    MemorySegment codes = w.codes();
    if (w.format().bits() == 4) {
      for (long at = 0; at < codes.byteSize(); at += GROUP / 2) {
        long first = codes.get(LONG, at);
        long second = codes.get(LONG, at + Long.BYTES);
        codes.set(LONG, at, pairs(first, second));
        codes.set(LONG, at + Long.BYTES, pairs(first >>> Integer.SIZE, second >>> Integer.SIZE));
      }
    }
    return new NBitsMatrix(w.format(), w.n(), w.k(), codes, w.scales(), w.zeros(), true);
  }

  /** Eight bytes of the first eight elements of both. */
  private static long pairs(long low, long high) {
    return Long.expand(low, LOW_NIBBLES) | Long.expand(high, ~LOW_NIBBLES);
  }

  /** Row {@code row} as float [k] from {@code to} on. */
  static void decode(NBitsMatrix w, int row, float[] target, int to) {
    if (!w.isPacked()) {
      w.decode(row, target, to);
      return;
    }
    int blockSize = w.format().blockSize();
    for (int block = 0; block < w.blocks(); block++) {
      int first = block * blockSize;
      int count = Math.min(blockSize, w.k() - first);
      block(w, row, block, count, target, to + first);
    }
  }

  private static void block(NBitsMatrix w, int row, int block, int count, float[] target, int to) {
    long at = w.blockAt(row, block);
    float scale = w.scale(row, block);
    float zero = w.zero(row, block);
    int whole = count / GROUP * GROUP;
    if (w.format().bits() == 8) {
      decode8(w.codes(), at, whole, zero, scale, target, to);
    } else {
      decode4(w.codes(), at, whole, zero, scale, target, to);
    }
    for (int i = whole; i < count; i++) {
      target[to + i] = (code(w, at, i) - zero) * scale;
    }
  }

  private static int code(NBitsMatrix w, long at, int i) {
    if (w.format().bits() == 8) {
      return Byte.toUnsignedInt(w.codes().get(ValueLayout.JAVA_BYTE, at + i));
    }
    long group = at + (long) (i / GROUP) * (GROUP / 2);
    byte pair = w.codes().get(ValueLayout.JAVA_BYTE, group + i % 16);
    return (pair >> (i % GROUP / 16 * 4)) & 15;
  }

  private static void decode8(
      MemorySegment codes, long at, int count, float zero, float scale, float[] target, int to) {
    for (int i = 0; i < count; i += COUNT) {
      floats(bytes(codes, at + i).and(0xff), zero, scale).intoArray(target, to + i);
    }
  }

  private static void decode4(
      MemorySegment codes, long at, int count, float zero, float scale, float[] target, int to) {
    for (int i = 0; i < count; i += GROUP) {
      for (int j = 0; j < 16; j += COUNT) {
        IntVector pairs = bytes(codes, at + i / 2 + j);
        IntVector high = pairs.lanewise(VectorOperators.LSHR, 4);
        floats(pairs.and(15), zero, scale).intoArray(target, to + i + j);
        floats(high.and(15), zero, scale).intoArray(target, to + i + 16 + j);
      }
    }
  }

  private static IntVector bytes(MemorySegment codes, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(BlockRows.BYTES, codes, at, ORDER).castShape(Lanes.INTS, 0);
  }

  private static FloatVector floats(IntVector codes, float zero, float scale) {
    return ((FloatVector) codes.castShape(FLOATS, 0)).sub(zero).mul(scale);
  }
}
