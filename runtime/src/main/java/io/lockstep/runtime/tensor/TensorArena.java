package io.lockstep.runtime.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Owns native memory: everything it allocated is given back when it is closed. Segments are zeroed
 * and aligned to 64 bytes, and may be used by any thread.
 */
public final class TensorArena implements AutoCloseable {

  /** Alignment of every allocation in bytes: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  private final AtomicLong bytes = new AtomicLong();

  /** Made when it is first needed: closing one stops all threads of the process for a moment. */
  private @Nullable Arena arena;

  private boolean isClosed;

  /** A zeroed tensor of this type. */
  public Tensor allocate(TensorType type) {
    return Tensor.of(type, allocateBytes(type.bytes()));
  }

  /** A zeroed segment of exactly this many bytes. */
  public MemorySegment allocateBytes(long size) {
    MemorySegment segment = opened().allocate(Math.max(size, 1), ALIGNMENT);
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

  @SuppressWarnings("MustBeClosedChecker") // closed with this
  private synchronized Arena opened() {
    if (isClosed) {
      throw new IllegalStateException("the arena is closed");
    }
    if (arena == null) {
      arena = Arena.ofShared();
    }
    return arena;
  }

  /**
   * Gives everything back.
   *
   * @throws IllegalStateException when it has been closed already
   */
  @Override
  public synchronized void close() {
    if (isClosed) {
      throw new IllegalStateException("the arena is closed");
    }
    isClosed = true;
    if (arena != null) {
      arena.close();
    }
  }
}
