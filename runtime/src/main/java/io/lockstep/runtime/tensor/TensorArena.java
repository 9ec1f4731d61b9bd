package io.lockstep.runtime.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Owns native memory: everything it allocated is given back when it is closed. Segments are zeroed
 * and aligned to 64 bytes, and may be used by any thread. Large ones lie in large pages where the
 * system has them; an arena for many weights puts smaller ones into such pages, too.
 */
public final class TensorArena implements AutoCloseable {

  /** Alignment of every allocation in bytes: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  /** Bytes of a segment from which on large pages are worth their setting up. */
  private static final long LARGE = 2 * LargePages.PAGE;

  /** Addresses that an arena of weights takes at once; memory comes with their first use. */
  private static final long CHUNK = 32 * LargePages.PAGE;

  /** Bytes of a segment from which on it goes into such a chunk. */
  private static final long CHUNKED = 1 << 16;

  private final AtomicLong bytes = new AtomicLong();
  private final boolean isChunked;

  /** What is left of the last chunk. */
  private MemorySegment chunk = MemorySegment.NULL;

  /** Made when it is first needed: closing one stops all threads of the process for a moment. */
  private @Nullable Arena arena;

  private boolean isClosed;

  /** An arena of ordinary memory, but for what is large. */
  public TensorArena() {
    this(false);
  }

  private TensorArena(boolean isChunked) {
    this.isChunked = isChunked;
  }

  /** An arena whose segments share large pages: for what stays and is read again and again. */
  @SuppressWarnings("MustBeClosedChecker") // the caller's
  public static TensorArena ofWeights() {
    return new TensorArena(true);
  }

  /** A zeroed tensor of this type. */
  public Tensor allocate(TensorType type) {
    return Tensor.of(type, allocateBytes(type.bytes()));
  }

  /** A zeroed segment of exactly this many bytes. */
  public MemorySegment allocateBytes(long size) {
    Arena owner = opened();
    MemorySegment segment;
    if (isChunked && size >= CHUNKED && size < CHUNK) {
      segment = ofChunk(size, owner);
    } else if (size >= LARGE) {
      segment = LargePages.allocate(size, owner);
    } else {
      segment = owner.allocate(Math.max(size, 1), ALIGNMENT);
    }
    bytes.addAndGet(size);
    return segment.asSlice(0, size);
  }

  private synchronized MemorySegment ofChunk(long size, Arena owner) {
    if (chunk.byteSize() < size) {
      chunk = LargePages.allocate(CHUNK, owner);
    }
    MemorySegment segment = chunk.asSlice(0, size);
    long taken = Math.ceilDiv(size, ALIGNMENT) * ALIGNMENT;
    chunk = chunk.asSlice(Math.min(taken, chunk.byteSize()));
    return segment;
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
