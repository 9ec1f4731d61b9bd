package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.INTS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Integers that floats hold exactly, on their way between bytes, floats and int32. */
final class IntLoops {

  /** Bytes that are widened at once; of 128-bit vectors only half is used, so they take none. */
  private static final VectorSpecies<Byte> BYTE_LANES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Lanes.COUNT * 8)));

  private static final int STEP = BYTE_LANES.length();
  private static final boolean IS_WIDE = STEP == Lanes.COUNT;

  private IntLoops() {}

  /** to[i] = (from[i] and mask) - zero, bytes to floats; {@code target} counts bytes. */
  static void widen(
      MemorySegment from,
      long start,
      int mask,
      int zero,
      MemorySegment to,
      long target,
      int count) {
    int whole = IS_WIDE ? count - count % STEP : 0;
    widenVectors(from, start, mask, zero, to, target, whole);
    for (int i = whole; i < count; i++) {
      int value = (from.get(ValueLayout.JAVA_BYTE, start + i) & mask) - zero;
      to.set(Lanes.FLOAT, target + (long) i * Float.BYTES, value);
    }
  }

  private static void widenVectors(
      MemorySegment from,
      long start,
      int mask,
      int zero,
      MemorySegment to,
      long target,
      int count) {
    for (int i = 0; i < count; i += STEP) {
      IntVector ints =
          (IntVector)
              ByteVector.fromMemorySegment(BYTE_LANES, from, start + i, ORDER)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      FloatVector floats = (FloatVector) ints.and(mask).sub(zero).convert(VectorOperators.I2F, 0);
      floats.intoMemorySegment(to, target + (long) i * Float.BYTES, ORDER);
    }
  }

  /** Int32 [count] from the floats of the same value; whole vectors, offsets in bytes. */
  static void toInts(MemorySegment from, long fromByte, MemorySegment to, long toByte, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector floats = FloatVector.fromMemorySegment(FLOATS, from, fromByte + i, ORDER);
      IntVector ints = (IntVector) floats.convert(VectorOperators.F2I, 0);
      ints.intoMemorySegment(to, toByte + i, ORDER);
    }
  }

  /** Int32 [count] increased by the floats' values; whole vectors, offsets in bytes. */
  static void addToInts(
      MemorySegment from, long fromByte, MemorySegment to, long toByte, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector floats = FloatVector.fromMemorySegment(FLOATS, from, fromByte + i, ORDER);
      IntVector ints = (IntVector) floats.convert(VectorOperators.F2I, 0);
      ints.add(IntVector.fromMemorySegment(INTS, to, toByte + i, ORDER))
          .intoMemorySegment(to, toByte + i, ORDER);
    }
  }
}
