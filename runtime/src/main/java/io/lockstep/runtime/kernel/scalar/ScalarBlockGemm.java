package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.BlockGemm;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.quant.BlockDecoder;
import java.lang.foreign.MemorySegment;

/** Decodes a row of weights, then multiplies it with each row of a, in ascending k. */
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
    pool.parallelFor(
        w.n(),
        1,
        (from, to) -> {
          float[] weights = new float[w.k()];
          for (int column = from; column < to; column++) {
            BlockDecoder.decode(w.format(), w.data(), column * w.rowBytes(), w.k(), weights, 0);
            for (int row = 0; row < rows; row++) {
              float sum = dot(a, aOffset + (long) row * aStride, weights);
              Floats.set(c, cOffset + (long) row * cStride + column, sum);
            }
          }
        });
  }

  private static float dot(MemorySegment a, long from, float[] weights) {
    float sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum = Math.fma(Floats.get(a, from + i), weights[i], sum);
    }
    return sum;
  }
}
