package io.lockstep.runtime.kernel.scalar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Element access to native memory by index. */
final class Floats {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private Floats() {}

  static float get(MemorySegment segment, long index) {
    return segment.get(FLOAT, index * Float.BYTES);
  }

  static void set(MemorySegment segment, long index, float value) {
    segment.set(FLOAT, index * Float.BYTES, value);
  }

  static int getInt(MemorySegment segment, long index) {
    return segment.get(INT, index * Integer.BYTES);
  }

  static void setInt(MemorySegment segment, long index, int value) {
    segment.set(INT, index * Integer.BYTES, value);
  }

  /** A byte as the integer it stands for. */
  static int getByte(MemorySegment segment, long index, boolean signed) {
    byte value = segment.get(ValueLayout.JAVA_BYTE, index);
    return signed ? value : Byte.toUnsignedInt(value);
  }

  static void setByte(MemorySegment segment, long index, int value) {
    segment.set(ValueLayout.JAVA_BYTE, index, (byte) value);
  }
}
