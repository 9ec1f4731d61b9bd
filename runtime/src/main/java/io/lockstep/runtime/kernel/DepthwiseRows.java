package io.lockstep.runtime.kernel;

/**
 * The output rows of a depthwise convolution over all images, shared out over a pool.
 *
 * @param images how many images there are
 */
record DepthwiseRows(int images, ConvGeometry geometry) {

  /** Multiplications that are worth another thread. */
  private static final int THREAD_WORK = 32_768;

  /** Work on one row; offsets of its image in x and of the row in y, in elements. */
  @FunctionalInterface
  interface Body {
    void run(int row, long xOffset, long yOffset, int slot);
  }

  /** Floats or int32 in a row of outputs. */
  long rowBytes() {
    return (long) geometry.outputWidth() * geometry.filters() * Integer.BYTES;
  }

  void forEach(ComputePool pool, Body body) {
    ConvGeometry g = geometry;
    int rows = Math.multiplyExact(images, g.outputHeight());
    long work = (long) rows * g.outputWidth() * g.filters() * g.windowSize();
    long useful = Math.max(1, Math.min(rows, work / THREAD_WORK));
    long xSize = (long) g.inputSize() * g.channels();
    long yRow = (long) g.outputWidth() * g.filters();
    SlotLoop.run(
        pool,
        (int) Math.min(pool.threads(), useful),
        rows,
        (row, slot) -> {
          long image = row / g.outputHeight();
          body.run(row % g.outputHeight(), image * xSize, row * yRow, slot);
        });
  }
}
