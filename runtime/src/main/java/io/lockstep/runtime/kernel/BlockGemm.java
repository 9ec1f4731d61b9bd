package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/**
 * Products of floats with block-quantised matrices. Weights are taken for the floats that {@link
 * io.lockstep.runtime.quant.BlockDecoder} makes of them. Activations stay floats where the matrix
 * is not packed; with a packed one a kernel may round each 32 of them to integers of magnitude up
 * to 127, times a scale. The order in which an element is summed depends on k alone, so that a
 * row's result never depends on other rows or on threads. Offsets and strides count elements.
 */
public interface BlockGemm {

  /**
   * The matrix as this kernel reads it fastest, in memory of {@code owner}; itself where that is
   * how files store it.
   */
  default BlockMatrix pack(BlockMatrix w, TensorArena owner, ComputePool pool) {
    return w;
  }

  /**
   * c[rows, n] = a[rows, k] x w[n, k] transposed.
   *
   * @param rows rows of a and c; any number, 0 included
   * @param a float, rows {@code aStride} apart
   * @param w as files store it, or packed by this kernel
   * @param c float, rows {@code cStride} apart
   */
  void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      BlockMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool);
}
