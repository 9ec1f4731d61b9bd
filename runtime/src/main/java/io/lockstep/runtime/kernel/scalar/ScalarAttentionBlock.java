package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlock;
import java.lang.foreign.MemorySegment;

/** Attention to a block, element by element. */
final class ScalarAttentionBlock implements AttentionBlock {

  @Override
  public void score(
      int count,
      int size,
      float scale,
      MemorySegment queries,
      long queriesAt,
      MemorySegment keys,
      long keysAt,
      long nextAt,
      MemorySegment scores,
      long scoresAt,
      long scoresStride) {
    for (int query = 0; query < count; query++) {
      for (int slot = 0; slot < Attention.BLOCK; slot++) {
        float sum = 0;
        for (int i = 0; i < size; i++) {
          float key = Floats.get(keys, keysAt + (long) i * Attention.BLOCK + slot);
          sum = Math.fma(Floats.get(queries, queriesAt + (long) query * size + i), key, sum);
        }
        Floats.set(scores, scoresAt + query * scoresStride + slot, sum * scale);
      }
    }
  }

  @Override
  public void mix(
      int count,
      int size,
      int slots,
      MemorySegment weights,
      long weightsAt,
      long weightsStride,
      MemorySegment values,
      long valuesAt,
      long nextAt,
      MemorySegment results,
      long resultsAt) {
    for (int query = 0; query < count; query++) {
      for (int i = 0; i < size; i++) {
        long at = resultsAt + (long) query * size + i;
        float sum = Floats.get(results, at);
        for (int slot = 0; slot < slots; slot++) {
          float weight = Floats.get(weights, weightsAt + query * weightsStride + slot);
          sum = Math.fma(weight, Floats.get(values, valuesAt + (long) slot * size + i), sum);
        }
        Floats.set(results, at, sum);
      }
    }
  }
}
