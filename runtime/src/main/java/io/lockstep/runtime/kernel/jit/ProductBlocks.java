package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;

/**
 * A product cut into blocks of rows and panels, which threads take one after the other.
 *
 * @param rows of the product
 * @param n columns of the product
 * @param panelColumns columns of a panel
 */
record ProductBlocks(int rows, int k, int n, int panelColumns) {

  /**
   * How large blocks are.
   *
   * @param panels side by side
   * @param threadWork multiplications that are worth another thread
   */
  record Size(int rows, int panels, long threadWork) {}

  /** For tiles of vectors: rows are a multiple of every instruction set's largest tile. */
  private static final Size OF_VECTORS = new Size(84, 4, 400_000);

  /** One block. */
  @FunctionalInterface
  interface Body {
    void run(int row, int rows, int column, int columns);
  }

  void forEach(ComputePool pool, Body body) {
    forEach(OF_VECTORS, pool, body);
  }

  void forEach(Size most, ComputePool pool, Body body) {
    forEach(rows, most.rows, most, pool, body);
  }

  /** Blocks of whole groups of rows; the body counts groups instead of rows. */
  void forEachOfRows(int group, ComputePool pool, Body body) {
    forEach(rows / group, Math.max(1, OF_VECTORS.rows / group), OF_VECTORS, pool, body);
  }

  private void forEach(int units, int mostUnits, Size most, ComputePool pool, Body body) {
    int blockColumns = most.panels * panelColumns;
    int columnBlocks = Math.ceilDiv(n, blockColumns);
    int blocks = Math.ceilDiv(units, mostUnits) * columnBlocks;
    long work = (long) rows * k * n;
    long grain = Math.max(1, Math.min(blocks, blocks * most.threadWork / Math.max(1, work)));
    pool.parallelFor(
        blocks,
        (int) grain,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            int unit = block / columnBlocks * mostUnits;
            int column = block % columnBlocks * blockColumns;
            int blockUnits = Math.min(mostUnits, units - unit);
            body.run(unit, blockUnits, column, Math.min(blockColumns, n - column));
          }
        });
  }
}
