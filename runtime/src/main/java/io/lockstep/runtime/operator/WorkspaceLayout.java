package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.TensorArena;

/** Places an operator's scratch buffers one behind the other, each on an aligned offset. */
final class WorkspaceLayout {

  private long bytes;

  /** Reserves a buffer and returns its offset in bytes. */
  long add(long bufferBytes) {
    long offset = bytes;
    bytes = align(offset + bufferBytes);
    return offset;
  }

  /** Reserves floats or 32-bit integers and returns the buffer's offset in bytes. */
  long addWords(long count) {
    return add(Math.multiplyExact(count, Float.BYTES));
  }

  long bytes() {
    return bytes;
  }

  static long align(long bytes) {
    return (bytes + TensorArena.ALIGNMENT - 1) / TensorArena.ALIGNMENT * TensorArena.ALIGNMENT;
  }
}
