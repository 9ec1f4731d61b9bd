package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.BlockGemm;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.quant.BlockDecoder;
import java.lang.foreign.MemorySegment;

/** Products with rows of blocks, each decoded when its turn comes. */
final class ScalarBlockGemm implements BlockGemm {

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
    DecodedProduct.gemm(
        rows,
        a,
        aOffset,
        aStride,
        (row, weights, to) ->
            BlockDecoder.decode(w.format(), w.data(), row * w.rowBytes(), w.k(), weights, to),
        w.n(),
        w.k(),
        c,
        cOffset,
        cStride,
        pool);
  }
}
