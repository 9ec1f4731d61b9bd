package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.NBitsGemm;
import io.lockstep.runtime.kernel.NBitsMatrix;
import java.lang.foreign.MemorySegment;

/** Products with rows of small integers, each decoded when its turn comes. */
final class ScalarNBitsGemm implements NBitsGemm {

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
    DecodedProduct.gemm(
        rows, a, aOffset, aStride, w::decode, w.n(), w.k(), c, cOffset, cStride, pool);
  }
}
