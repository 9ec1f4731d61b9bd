package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one head over keys that all its queries see: y = softmax(scale q k^T + bias) v. Runs
 * on the calling thread, so that callers split heads and queries; a query's result depends on its
 * own row only.
 */
public interface HeadAttention {

  /**
   * The extents of a head.
   *
   * @param size elements of a query and of a key
   * @param valueSize elements of a value and of a result
   */
  record Extent(int queries, int keys, int size, int valueSize) {}

  /**
   * Rows of floats.
   *
   * @param offset the first row's first element
   * @param stride elements between the starts of rows
   */
  record Rows(MemorySegment memory, long offset, int stride) {}

  /** Scratch bytes that one {@link #run} of this extent needs. */
  long workspaceBytes(Extent extent);

  /**
   * Computes one head.
   *
   * @param q [queries, size]
   * @param k [keys, size]
   * @param v [keys, valueSize]
   * @param bias float [keys] from element 0, added to the scores of every query; null for none
   * @param y [queries, valueSize]
   * @param workspace at least {@link #workspaceBytes} bytes
   */
  void run(
      Extent extent,
      float scale,
      Rows q,
      Rows k,
      Rows v,
      @Nullable MemorySegment bias,
      Rows y,
      MemorySegment workspace);
}
