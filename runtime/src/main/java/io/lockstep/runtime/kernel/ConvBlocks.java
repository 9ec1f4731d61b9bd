package io.lockstep.runtime.kernel;

/**
 * The output pixels of a convolution, counted over all images, in blocks that each are one product.
 *
 * @param pixels output pixels of all images
 * @param rows pixels in a block; the last may have fewer
 * @param slots threads that take part
 */
record ConvBlocks(int pixels, int rows, int slots) {

  /** So few pixels are one block, whose product is then split over its columns. */
  private static final int FEW = 64;

  private static final int MOST_ROWS = 192;
  private static final int LEAST_ROWS = 24;

  /** The rows of a block should stay in the cache next to a panel of the filters. */
  private static final int BLOCK_BYTES = 192 << 10;

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 200_000;

  /** Work on the pixels [from, to). */
  @FunctionalInterface
  interface Body {
    void run(int from, int to, int slot);
  }

  static ConvBlocks of(int images, ConvGeometry g, int elementBytes, int threads) {
    int pixels = Math.multiplyExact(images, g.outputSize());
    if (pixels <= FEW) {
      return new ConvBlocks(pixels, Math.max(1, pixels), 1);
    }
    int most = mostRows(g, elementBytes);
    int blocks = Math.ceilDiv(Math.ceilDiv(pixels, most), threads) * threads;
    int rows = Math.min(most, Math.ceilDiv(Math.ceilDiv(pixels, blocks), 8) * 8);
    long work = (long) pixels * g.filters() * g.windowSize();
    long useful = Math.max(1, Math.min(Math.ceilDiv(pixels, rows), work / THREAD_WORK));
    return new ConvBlocks(pixels, rows, (int) Math.min(threads, useful));
  }

  private static int mostRows(ConvGeometry g, int elementBytes) {
    int fitting = (int) (BLOCK_BYTES / Math.max(1L, (long) g.windowSize() * elementBytes));
    return Math.clamp(fitting / 8L * 8, LEAST_ROWS, MOST_ROWS);
  }

  /** An upper bound of {@link #rows}, whatever the number of images and threads. */
  static int rowsBound(int images, ConvGeometry g, int elementBytes) {
    int pixels = Math.multiplyExact(images, g.outputSize());
    return pixels <= FEW ? Math.max(1, pixels) : mostRows(g, elementBytes);
  }

  /** Whether there is one block only, for which the pool has to be split otherwise. */
  boolean isOne() {
    return pixels <= rows;
  }

  void forEach(ComputePool pool, Body body) {
    SlotLoop.run(
        pool,
        slots,
        Math.ceilDiv(pixels, rows),
        (block, slot) -> body.run(block * rows, Math.min(pixels, (block + 1) * rows), slot));
  }
}
