package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.NBitsGemm;
import io.lockstep.runtime.kernel.NBitsMatrix;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/** Products with rows of small integers, decoded in the cache. */
final class VectorNBitsGemm implements NBitsGemm {

  @Override
  public NBitsMatrix pack(NBitsMatrix w, TensorArena owner, ComputePool pool) {
    NBitsMatrix copy = NBitsGemm.super.pack(w, owner, pool);
    return NBitsRows.isWide(w.format()) ? NBitsRows.ordered(copy) : copy;
  }

  @Override
  public void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      NBitsMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    VectorDecodedProduct.gemm(
        rows,
        a,
        aOffset,
        aStride,
        (row, weights, to) -> NBitsRows.decode(w, row, weights, to),
        w.n(),
        w.k(),
        c,
        cOffset,
        cStride,
        pool);
  }
}
