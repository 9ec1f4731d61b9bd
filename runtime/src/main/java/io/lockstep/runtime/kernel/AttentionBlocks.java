package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Attention to some blocks of positions, for queries that share their keys and values. Every sum is
 * one chain in the order of a head's elements, or of positions, so that a result depends neither on
 * how many queries nor on how many blocks a call has. Offsets count elements.
 */
public interface AttentionBlocks {

  /**
   * Rows of floats.
   *
   * @param at where the first one starts
   * @param stride from the start of one to that of the next
   */
  record Rows(MemorySegment memory, long at, int count, long stride) {

    /** Where a row starts. */
    public long at(int row) {
      return at + row * stride;
    }
  }

  /**
   * A sequence's blocks of one head, in the order of positions.
   *
   * @param at where their keys and their values start; long [at least count]
   */
  @SuppressWarnings("ArrayRecordComponent") // a view of a thread's memory that nothing compares
  record Blocks(long[] at, int count) {}

  /**
   * scores[query, 16 * (block - from) + slot] = scale * queries[query] . keys[block][:, slot].
   *
   * @param size floats of a head
   * @param queries float [count, size]
   * @param keys float [size, BLOCK] each
   * @param from the first block; those up to {@code to} take part
   * @param scores float [count, BLOCK * (to - from)]
   */
  void score(
      int size,
      float scale,
      Rows queries,
      MemorySegment keys,
      Blocks blocks,
      int from,
      int to,
      Rows scores);

  /**
   * results[query] += weights[query, slots * (block - from) + slot] values[block][first + slot].
   *
   * @param size floats of a head
   * @param first the first slot of each block that takes part
   * @param slots how many do
   * @param weights float [count, slots * (to - from)]
   * @param values float [BLOCK, size] each
   * @param results float [count, size]
   */
  void mix(
      int size,
      int first,
      int slots,
      Rows weights,
      MemorySegment values,
      Blocks blocks,
      int from,
      int to,
      Rows results);
}
