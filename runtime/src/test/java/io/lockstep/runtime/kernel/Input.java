package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Operands of kernels: elements that start at an odd index and end where their memory ends, so that
 * reading past them fails.
 */
record Input(MemorySegment segment, long offset) {

  private static final int LEAD = 3;

  static Input of(float... values) {
    MemorySegment segment = TestMemory.allocate((LEAD + (long) values.length) * Float.BYTES, 4);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, LEAD * 4L, values.length);
    return new Input(segment, LEAD);
  }

  static Input of(int... values) {
    MemorySegment segment = TestMemory.allocate((LEAD + (long) values.length) * Integer.BYTES, 4);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT, LEAD * 4L, values.length);
    return new Input(segment, LEAD);
  }

  static Input of(byte... values) {
    MemorySegment segment = TestMemory.allocate(LEAD + (long) values.length, 1);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_BYTE, LEAD, values.length);
    return new Input(segment, LEAD);
  }

  /** Exactly these floats from offset 0, as parameters without an offset want them. */
  static MemorySegment bare(float... values) {
    return of(values).segment().asSlice(LEAD * 4L);
  }

  /** Exactly these int32 from offset 0. */
  static MemorySegment bare(int... values) {
    return of(values).segment().asSlice(LEAD * 4L);
  }

  /** Exactly these bytes from offset 0. */
  static MemorySegment bare(byte... values) {
    return of(values).segment().asSlice(LEAD);
  }

  /** Scratch memory of exactly so many bytes, filled with NaNs. */
  static MemorySegment scratch(long bytes) {
    MemorySegment segment = TestMemory.allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
    segment.fill((byte) 0xff);
    return segment;
  }

  /** Floats around 0, most of them below 2 in magnitude. */
  static float[] gaussians(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Bytes of which many are the extreme ones of signed and unsigned integers. */
  static byte[] extremeBytes(Random random, int count) {
    byte[] values = new byte[count];
    byte[] extremes = {-128, 127, -1, 0};
    for (int i = 0; i < count; i++) {
      boolean isExtreme = random.nextInt(3) == 0;
      values[i] = isExtreme ? extremes[random.nextInt(4)] : (byte) random.nextInt(256);
    }
    return values;
  }
}
