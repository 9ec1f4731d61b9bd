package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.WeightRows;
import java.lang.foreign.MemorySegment;

/** Products that decode a row of weights, then multiply it with each row of a, in ascending k. */
final class DecodedProduct {

  private DecodedProduct() {}

  /** c[rows, n] = a[rows, k] x w[n, k] transposed; offsets and strides count elements. */
  static void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      WeightRows w,
      int n,
      int k,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    pool.parallelFor(
        n,
        1,
        (from, to) -> {
          float[] weights = new float[k];
          for (int column = from; column < to; column++) {
            w.decode(column, weights, 0);
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
