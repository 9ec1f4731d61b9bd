package io.lockstep.runtime.kernel.jit;

/**
 * Turns rows of blocks into lanes: of each block the same few words of sixteen rows, of which each
 * lane gets one row's.
 */
interface RowGather {

  /**
   * Moves words of sixteen rows.
   *
   * @param from address of the first row's first word
   * @param rowBytes from one row to the next
   * @param rows how many rows there are; the last one stands in for those that are missing
   * @param blocks how many blocks
   * @param fromStride bytes from a block to the next
   * @param to address of the first lane's first word
   * @param toStride bytes from a block to the next in the target
   * @param flip bits of all words that change
   */
  void run(
      long from,
      int rowBytes,
      int rows,
      int blocks,
      long fromStride,
      long to,
      long toStride,
      int flip);
}
