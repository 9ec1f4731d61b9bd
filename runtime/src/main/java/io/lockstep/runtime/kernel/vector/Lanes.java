package io.lockstep.runtime.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** The vector shape of this machine, and element access to native memory. */
final class Lanes {

  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** Floats in a vector. */
  static final int COUNT = FLOATS.length();

  static final long BYTES = (long) COUNT * Float.BYTES;

  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private Lanes() {}

  static FloatVector load(MemorySegment segment, long bytes) {
    return FloatVector.fromMemorySegment(FLOATS, segment, bytes, ByteOrder.LITTLE_ENDIAN);
  }

  static FloatVector load(MemorySegment segment, long bytes, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(FLOATS, segment, bytes, ByteOrder.LITTLE_ENDIAN, mask);
  }

  static void store(FloatVector vector, MemorySegment segment, long bytes) {
    vector.intoMemorySegment(segment, bytes, ByteOrder.LITTLE_ENDIAN);
  }

  static void store(FloatVector vector, MemorySegment segment, long bytes, VectorMask<Float> mask) {
    vector.intoMemorySegment(segment, bytes, ByteOrder.LITTLE_ENDIAN, mask);
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
