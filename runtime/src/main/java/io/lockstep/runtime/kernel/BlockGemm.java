package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Products of floats with block-quantised matrices. Weights are taken for the floats that {@link
 * io.lockstep.runtime.quant.BlockDecoder} makes of them; activations stay floats. The order in
 * which an element is summed depends on k alone, so that a row's result never depends on other rows
 * or on threads. Offsets and strides count elements.
 */
public interface BlockGemm {

  /**
   * c[rows, n] = a[rows, k] x w[n, k] transposed.
   *
   * @param rows rows of a and c; any number, 0 included
   * @param a float, rows {@code aStride} apart
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
