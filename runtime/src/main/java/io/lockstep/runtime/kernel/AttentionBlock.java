package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Attention to one block of positions, for neighbouring query heads that share its keys and values.
 * The order of a sum depends on {@code count} and {@code size} alone. Offsets count elements.
 */
public interface AttentionBlock {

  /**
   * scores[query, slot] = scale * queries[query] . keys[:, slot].
   *
   * @param queries float [count, size]
   * @param keys float [size, BLOCK]
   * @param nextAt where the keys start that will be wanted next, or {@code keysAt}
   * @param scores float [count, BLOCK], rows {@code scoresStride} apart
   */
  void score(
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
      long scoresStride);

  /**
   * results[query] += weights[query, slot] values[slot], slot by slot.
   *
   * @param slots how many neighbouring positions take part
   * @param weights float [count, slots], rows {@code weightsStride} apart
   * @param values float [slots, size]
   * @param nextAt where the values start that will be wanted next, or {@code valuesAt}
   * @param results float [count, size]
   */
  void mix(
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
      long resultsAt);
}
