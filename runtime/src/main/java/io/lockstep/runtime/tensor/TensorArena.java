package io.lockstep.runtime.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Owns native memory: everything it allocated is given back when it is closed. Segments are zeroed
 * and aligned to 64 bytes, and may be used by any thread.
 */
public final class TensorArena implements AutoCloseable {

  /** Alignment of every allocation in bytes: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();
  private final AtomicLong bytes = new AtomicLong();

  /** A zeroed tensor of this type. */
  public Tensor allocate(TensorType type) {
    return Tensor.of(type, allocateBytes(type.bytes()));
  }

  /** A zeroed segment of exactly this many bytes. */
  public MemorySegment allocateBytes(long size) {
    MemorySegment segment = arena.allocate(Math.max(size, 1), ALIGNMENT);
    bytes.addAndGet(size);
    return segment.asSlice(0, size);
  }

  /** A copy of {@code source} owned by this arena. */
  public Tensor copyOf(Tensor source) {
    Tensor copy = allocate(source.type());
    copy.copyFrom(source);
    return copy;
  }

  /** Bytes allocated so far. */
  public long bytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    arena.close();
  }
}
