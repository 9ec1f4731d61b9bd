package io.lockstep.runtime.kernel.jit;

import java.util.Arrays;

/** Machine code while it grows. */
final class CodeBuffer {

  private byte[] bytes = new byte[1024];
  private int size;

  int position() {
    return size;
  }

  void append(int... values) {
    for (int value : values) {
      if (size == bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * size);
      }
      bytes[size++] = (byte) value;
    }
  }

  /** A 32-bit number, lowest byte first. */
  void appendInt(int value) {
    append(value, value >> 8, value >> 16, value >> 24);
  }

  void patchInt(int at, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[at + i] = (byte) (value >> (8 * i));
    }
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }
}
