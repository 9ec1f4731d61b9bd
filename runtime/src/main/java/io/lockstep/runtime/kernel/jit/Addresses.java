package io.lockstep.runtime.kernel.jit;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Addresses for kernels, which check nothing themselves. An address does not keep its segment
 * reachable: callers own the memory until the kernel returns.
 */
final class Addresses {

  private Addresses() {}

  /** Where a range of native memory starts, after checking that the segment holds it. */
  static long of(MemorySegment segment, long byteOffset, long bytes) {
    Objects.checkFromIndexSize(byteOffset, bytes, segment.byteSize());
    if (!segment.isNative()) {
      throw new IllegalArgumentException("kernels read native memory only");
    }
    return segment.address() + byteOffset;
  }

  /** The same for rows of elements; 0 bytes when there are none. */
  static long ofRows(
      MemorySegment segment, long offset, int rows, long stride, long columns, int elementBytes) {
    long elements = rows == 0 || columns == 0 ? 0 : (rows - 1) * stride + columns;
    return of(segment, offset * elementBytes, elements * elementBytes);
  }

  /** 0 for no segment. */
  static long orZero(@Nullable MemorySegment segment, long byteOffset, long bytes) {
    return segment == null ? 0 : of(segment, byteOffset, bytes);
  }
}
