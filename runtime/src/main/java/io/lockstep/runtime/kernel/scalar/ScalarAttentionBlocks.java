package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlocks;
import java.lang.foreign.MemorySegment;

/** Attention to blocks, element by element. */
final class ScalarAttentionBlocks implements AttentionBlocks {

  @Override
  public void score(
      int size,
      float scale,
      Rows queries,
      MemorySegment keys,
      Blocks blocks,
      int from,
      int to,
      Rows scores) {
    for (int query = 0; query < queries.count(); query++) {
      for (int slot = 0; slot < (to - from) * Attention.BLOCK; slot++) {
        long keysAt = blocks.at()[from + slot / Attention.BLOCK] + slot % Attention.BLOCK;
        float sum = 0;
        for (int i = 0; i < size; i++) {
          float key = Floats.get(keys, keysAt + (long) i * Attention.BLOCK);
          sum = Math.fma(Floats.get(queries.memory(), queries.at(query) + i), key, sum);
        }
        Floats.set(scores.memory(), scores.at(query) + slot, sum * scale);
      }
    }
  }

  @Override
  public void mix(
      int size,
      int first,
      int slots,
      Rows weights,
      MemorySegment values,
      Blocks blocks,
      int from,
      int to,
      Rows results) {
    for (int query = 0; query < results.count(); query++) {
      for (int i = 0; i < size; i++) {
        float sum = Floats.get(results.memory(), results.at(query) + i);
        for (int slot = 0; slot < (to - from) * slots; slot++) {
          long valuesAt = blocks.at()[from + slot / slots] + (long) (first + slot % slots) * size;
          float weight = Floats.get(weights.memory(), weights.at(query) + slot);
          sum = Math.fma(weight, Floats.get(values, valuesAt + i), sum);
        }
        Floats.set(results.memory(), results.at(query) + i, sum);
      }
    }
  }
}
