package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.INTS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.Relation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Comparisons and choices over whole vectors: from byte offsets, count a multiple of {@link
 * Lanes#COUNT}. A truth value is a byte, eight of which are moved as one long.
 */
final class ChoiceLoops {

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  /** The lowest bit of each byte. */
  private static final long LOWEST = 0x0101010101010101L;

  /** The highest bit of each byte. */
  private static final long HIGHEST = LOWEST << 7;

  private ChoiceLoops() {}

  /** z = whether a relation holds, x and y: float [count], z: bytes [count]. */
  static void compare(
      Relation relation,
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    switch (relation) {
      case EQUAL -> equal(x, left, y, right, z, to, count);
      case LESS -> less(x, left, y, right, z, to, count);
      case LESS_OR_EQUAL -> lessOrEqual(x, left, y, right, z, to, count);
      case GREATER -> less(y, right, x, left, z, to, count);
      case GREATER_OR_EQUAL -> lessOrEqual(y, right, x, left, z, to, count);
    }
  }

  private static void equal(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count; i += COUNT) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i * Float.BYTES, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i * Float.BYTES, ORDER);
      store(a.compare(VectorOperators.EQ, b).toLong(), z, to + i);
    }
  }

  private static void less(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count; i += COUNT) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i * Float.BYTES, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i * Float.BYTES, ORDER);
      store(a.compare(VectorOperators.LT, b).toLong(), z, to + i);
    }
  }

  private static void lessOrEqual(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count; i += COUNT) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i * Float.BYTES, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i * Float.BYTES, ORDER);
      store(a.compare(VectorOperators.LE, b).toLong(), z, to + i);
    }
  }

  /** Stores a bit of each lane as a byte. */
  private static void store(long bits, MemorySegment z, long to) {
    if (COUNT < Long.BYTES) {
      z.set(INT, to, (int) Long.expand(bits, LOWEST));
      return;
    }
    for (int i = 0; i < COUNT; i += Long.BYTES) {
      z.set(LONG, to + i, Long.expand(bits >>> i, LOWEST));
    }
  }

  /** z = condition ? x : y, x, y and z: 32 bits [count], condition: bytes [count]. */
  static void select(
      MemorySegment condition,
      long at,
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count; i += COUNT) {
      IntVector yes = IntVector.fromMemorySegment(INTS, x, left + i * Integer.BYTES, ORDER);
      IntVector no = IntVector.fromMemorySegment(INTS, y, right + i * Integer.BYTES, ORDER);
      no.blend(yes, VectorMask.fromLong(INTS, load(condition, at + i)))
          .intoMemorySegment(z, to + i * Integer.BYTES, ORDER);
    }
  }

  /** A bit for each lane: whether its byte is not 0. */
  private static long load(MemorySegment condition, long at) {
    if (COUNT < Long.BYTES) {
      return bits(Integer.toUnsignedLong(condition.get(INT, at)));
    }
    long bits = 0;
    for (int i = 0; i < COUNT; i += Long.BYTES) {
      bits |= bits(condition.get(LONG, at + i)) << i;
    }
    return bits;
  }

  private static long bits(long bytes) {
    // a byte's lower bits carry into its highest one unless they are all 0
    long carried = (bytes & ~HIGHEST) + ~HIGHEST;
    return Long.compress(carried | bytes, HIGHEST);
  }
}
