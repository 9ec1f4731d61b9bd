package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** Two-dimensional pooling of float images [height, width, channels], channel by channel. */
public interface Pool {

  /**
   * y = maximum of each window of x; padding never wins.
   *
   * @param from the first output row; rows count over all images
   * @param to behind the last output row
   * @param x float [images, height, width, channels]
   * @param y float [images, outputHeight, outputWidth, channels]
   */
  void max(ConvGeometry geometry, int from, int to, MemorySegment x, MemorySegment y);

  /**
   * y = mean of each window of x, summed over window row, then column.
   *
   * @param countPadding whether padding counts in the divisor
   * @param from the first output row; rows count over all images
   * @param to behind the last output row
   * @param x float [images, height, width, channels]
   * @param y float [images, outputHeight, outputWidth, channels]
   */
  void average(
      ConvGeometry geometry,
      boolean countPadding,
      int from,
      int to,
      MemorySegment x,
      MemorySegment y);
}
