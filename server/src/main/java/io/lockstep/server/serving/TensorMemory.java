package io.lockstep.server.serving;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Owns the tensors of one request or one response. Small ones live on the Java heap and large ones
 * outside it: giving native memory back costs a handshake with every thread of the process, which a
 * request of a few rows would notice. Kernels never see these tensors; rows are copied into and out
 * of the instance's own memory. Used by one thread at a time.
 */
public final class TensorMemory implements AutoCloseable {

  /** Tensors of at most this many bytes live on the heap: hidden states of a paragraph do. */
  static final long HEAP_BYTES = 256 << 10;

  private @Nullable TensorArena arena;
  private boolean closed;
  private long bytes;

  /** A zeroed tensor; text tensors start with null elements, which are to be set. */
  public Tensor allocate(TensorType type) {
    if (closed) {
      throw new IllegalStateException("the memory of this request was given back");
    }
    long size = type.bytes();
    bytes += size;
    if (type.dtype() == DType.STRING || size <= HEAP_BYTES) {
      return Tensor.of(type, MemorySegment.ofArray(new byte[(int) size]));
    }
    if (arena == null) {
      arena = new TensorArena();
    }
    return arena.allocate(type);
  }

  /** Bytes allocated so far. */
  public long bytes() {
    return bytes;
  }

  /** Gives everything back; a second call does nothing. */
  @Override
  public void close() {
    closed = true;
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }
}
