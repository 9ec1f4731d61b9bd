package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Integers and truth values in native memory, by index. */
final class Wholes {

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Wholes() {}

  /** An element; 1 or 0 for a truth value. */
  static long get(DType type, MemorySegment segment, long index) {
    return switch (type) {
      case BOOL -> segment.get(BYTE, index) == 0 ? 0 : 1;
      case UINT8 -> Byte.toUnsignedLong(segment.get(BYTE, index));
      case INT8 -> segment.get(BYTE, index);
      case INT32 -> segment.get(INT, index * Integer.BYTES);
      case INT64 -> segment.get(LONG, index * Long.BYTES);
      default -> throw unknown(type);
    };
  }

  /** Stores the low bits of a value; whether it is not 0 as a truth value. */
  static void set(DType type, MemorySegment segment, long index, long value) {
    switch (type) {
      case BOOL -> segment.set(BYTE, index, (byte) (value == 0 ? 0 : 1));
      case UINT8, INT8 -> segment.set(BYTE, index, (byte) value);
      case INT32 -> segment.set(INT, index * Integer.BYTES, (int) value);
      case INT64 -> segment.set(LONG, index * Long.BYTES, value);
      default -> throw unknown(type);
    }
  }

  private static IllegalArgumentException unknown(DType type) {
    return new IllegalArgumentException(type + " is no integer that kernels take");
  }
}
