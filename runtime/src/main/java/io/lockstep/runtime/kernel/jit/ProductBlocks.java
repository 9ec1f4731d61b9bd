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

  /** A multiple of every instruction set's largest tile. */
  private static final int ROWS = 84;

  private static final int PANELS = 4;

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 400_000;

  /** One block. */
  @FunctionalInterface
  interface Body {
    void run(int row, int rows, int column, int columns);
  }

  void forEach(ComputePool pool, Body body) {
    forEach(rows, ROWS, pool, body);
  }

  /** Blocks of whole groups of rows; the body counts groups instead of rows. */
  void forEachOfRows(int group, ComputePool pool, Body body) {
    forEach(rows / group, Math.max(1, ROWS / group), pool, body);
  }

  private void forEach(int units, int mostUnits, ComputePool pool, Body body) {
    int blockColumns = PANELS * panelColumns;
    int columnBlocks = Math.ceilDiv(n, blockColumns);
    int blocks = Math.ceilDiv(units, mostUnits) * columnBlocks;
    long work = (long) rows * k * n;
    long grain = Math.max(1, Math.min(blocks, blocks * THREAD_WORK / Math.max(1, work)));
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
