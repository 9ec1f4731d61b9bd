package io.lockstep.runtime.kernel;

/**
 * The output rows of a depthwise convolution over all images, shared out over a pool.
 *
 * @param images how many images there are
 */
record DepthwiseRows(int images, ConvGeometry geometry) {

  /** Multiplications that are worth another thread. */
  private static final int THREAD_WORK = 32_768;

  /**
   * Work on some rows of one image; offsets of the image in x and of the rows in y, in elements.
   */
  @FunctionalInterface
  interface Body {
    void run(int row, int rows, long xOffset, long yOffset, int slot);
  }

  /** Floats or int32 in a row of outputs. */
  long rowBytes() {
    return (long) geometry.outputWidth() * geometry.filters() * Integer.BYTES;
  }

  /**
   * Runs {@code body} for all rows.
   *
   * @param atOnce how many rows of an image are one piece of work, but for its last
   */
  void forEach(ComputePool pool, int atOnce, Body body) {
    ConvGeometry g = geometry;
    int blocks = Math.ceilDiv(g.outputHeight(), atOnce);
    int units = Math.multiplyExact(images, blocks);
    long work = (long) images * g.outputSize() * g.filters() * g.windowSize();
    long useful = Math.max(1, Math.min(units, work / THREAD_WORK));
    long xSize = (long) g.inputSize() * g.channels();
    long yRow = (long) g.outputWidth() * g.filters();
    SlotLoop.run(
        pool,
        (int) Math.min(pool.threads(), useful),
        units,
        (unit, slot) -> {
          long image = unit / blocks;
          int row = unit % blocks * atOnce;
          int rows = Math.min(atOnce, g.outputHeight() - row);
          body.run(row, rows, image * xSize, (image * g.outputHeight() + row) * yRow, slot);
        });
  }
}
