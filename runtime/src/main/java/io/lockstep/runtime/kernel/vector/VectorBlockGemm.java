package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.BlockGemm;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import java.lang.foreign.MemorySegment;

/** Products with rows of blocks, decoded in the cache. */
final class VectorBlockGemm implements BlockGemm {

  @Override
  public void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      BlockMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    VectorDecodedProduct.gemm(
        rows,
        a,
        aOffset,
        aStride,
        (row, weights, to) -> BlockRows.decode(w, row, weights, to),
        w.n(),
        w.k(),
        c,
        cOffset,
        cStride,
        pool);
  }
}
