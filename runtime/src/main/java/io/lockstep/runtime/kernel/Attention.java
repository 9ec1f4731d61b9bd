package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Causal attention of many sequences over keys and values in blocks of positions. A result depends
 * on the token's own sequence and position alone, bit by bit: not on how a prompt was cut, on other
 * rows or on threads. Offsets count elements.
 */
public interface Attention {

  /** Positions in a block. */
  int BLOCK = 16;

  /**
   * The heads of one layer.
   *
   * @param heads query heads
   * @param kvHeads key and value heads, each shared by {@code heads / kvHeads} neighbouring ones
   * @param size floats of a head
   * @param scale factor of all scores
   * @param window how many positions a token sees, its own included; 0 for all
   * @param softCap scores are bent to {@code softCap tanh(score / softCap)}; 0 for none
   */
  record Heads(int heads, int kvHeads, int size, float scale, int window, float softCap) {

    /** The first position that the token at {@code position} sees. */
    public int first(int position) {
      return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
  }

  /** Which token each row is, and where its sequence is kept. */
  interface Rows {

    int rows();

    /** A row's position in its sequence. */
    int position(int row);

    /** The block that holds positions {@code 16 index} to {@code 16 index + 15} of the sequence. */
    int block(int row, int index);

    /** Whether two rows are of one sequence. */
    boolean isSameSequence(int row, int other);
  }

  /**
   * Keys and values of one layer.
   *
   * @param keys float [blocks, kvHeads, size, BLOCK]: the same element of neighbouring positions
   *     side by side, so that their scores are, too
   * @param values float [blocks, kvHeads, BLOCK, size]
   * @param from the element at which both start
   */
  record Cache(MemorySegment keys, MemorySegment values, long from) {}

  /**
   * Attends from every row to its sequence up to itself, whose keys and values the cache holds.
   *
   * @param queries float [rows, heads, size]
   * @param results float [rows, heads, size], other memory than queries
   */
  void attend(
      Heads heads,
      Rows rows,
      Cache cache,
      MemorySegment queries,
      MemorySegment results,
      ComputePool pool);
}
