package io.lockstep.runtime.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape of the kernels, and element access to native memory. The shape is the machine's
 * preferred one unless the system property {@code lockstep.vectorBits} (128, 256 or 512) says
 * otherwise when the class is loaded.
 */
final class Lanes {

  /** Sums are defined on sixteen partial sums, so wider vectors would gain nothing. */
  private static final int WIDEST_BITS = 512;

  private static final VectorShape SHAPE =
      VectorShape.forBitSize(
          Integer.getInteger(
              "lockstep.vectorBits",
              Math.min(WIDEST_BITS, FloatVector.SPECIES_PREFERRED.vectorBitSize())));

  static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);

  /** Floats in a vector. */
  static final int COUNT = FLOATS.length();

  static final long BYTES = (long) COUNT * Float.BYTES;

  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private Lanes() {}

  static FloatVector load(MemorySegment segment, long bytes) {
    return FloatVector.fromMemorySegment(FLOATS, segment, bytes, ORDER);
  }

  static FloatVector load(MemorySegment segment, long bytes, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(FLOATS, segment, bytes, ORDER, mask);
  }

  static void store(FloatVector vector, MemorySegment segment, long bytes) {
    vector.intoMemorySegment(segment, bytes, ORDER);
  }

  static void store(FloatVector vector, MemorySegment segment, long bytes, VectorMask<Float> mask) {
    vector.intoMemorySegment(segment, bytes, ORDER, mask);
  }

  static IntVector loadInts(MemorySegment segment, long bytes) {
    return IntVector.fromMemorySegment(INTS, segment, bytes, ORDER);
  }

  /** The lanes that hold the last {@code count - from} elements. */
  static VectorMask<Float> tail(long from, long count) {
    return FLOATS.indexInRange(from, count);
  }

  /** A scalar in every lane. */
  static FloatVector all(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  /** One element of memory in every lane. */
  static FloatVector spread(MemorySegment segment, long bytes) {
    return FloatVector.broadcast(FLOATS, segment.get(FLOAT, bytes));
  }
}
