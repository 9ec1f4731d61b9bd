package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** Two-dimensional pooling of floats, channel by channel. Offsets count elements. */
public interface Pool {

  /** y[c] = maximum of each window of x[c], for channels [from, to); padding never wins. */
  void max(
      ConvGeometry geometry,
      int from,
      int to,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset);

  /**
   * y[c] = mean of each window of x[c], for channels [from, to).
   *
   * @param countPadding whether padding counts in the divisor
   */
  void average(
      ConvGeometry geometry,
      boolean countPadding,
      int from,
      int to,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset);
}
