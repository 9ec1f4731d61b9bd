package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Convolutions of each channel on its own, images [height, width, channels]: the ones that are no
 * matrix products. Sums run over kernel row, then kernel column. Offsets count elements.
 */
public interface Depthwise {

  /** How many rows {@link #rowsF32} prefers to compute at once. */
  default int rowsAtOnce(ConvGeometry geometry) {
    return 1;
  }

  /**
   * Some rows of outputs.
   *
   * @param geometry a depthwise one
   * @param outputRow the first row in the image
   * @param rows how many, at most {@link #rowsAtOnce}
   * @param x float [height, width, channels]
   * @param weights float [kernelHeight, kernelWidth, channels]
   * @param epilogue its residual is at y's offset
   * @param y float [rows, outputWidth, channels]
   */
  void rowsF32(
      ConvGeometry geometry,
      int outputRow,
      int rows,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      Epilogue epilogue,
      MemorySegment y,
      long yOffset);

  /**
   * One row of outputs of 8-bit integers: sums of (x - xZeroPoint) w, exact modulo 2^32; padding
   * counts as {@code xZeroPoint}.
   *
   * @param x bytes [height, width, channels]
   * @param weights int32 [kernelHeight, kernelWidth, channels], less their zero points
   * @param y int32 [outputWidth, channels]
   */
  void rowI32(
      ConvGeometry geometry,
      int outputRow,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      MemorySegment weights,
      MemorySegment y,
      long yOffset);

  /** How many rows {@link #rowsQ8} prefers to compute at once; 0 where it takes none. */
  default int requantizedRowsAtOnce(ConvGeometry geometry) {
    return 0;
  }

  /**
   * What {@link #rowI32} computes, for some rows and brought to 8 bits at once.
   *
   * @param outputRow the first row in the image
   * @param rows how many, at most {@link #requantizedRowsAtOnce}
   * @param y bytes [rows, outputWidth, channels]
   */
  default void rowsQ8(
      ConvGeometry geometry,
      int outputRow,
      int rows,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      MemorySegment weights,
      Requantization requantization,
      MemorySegment y,
      long yOffset) {
    throw new UnsupportedOperationException("rows of bytes are not requantised here");
  }
}
