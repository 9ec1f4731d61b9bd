package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Convolutions of each channel on its own, images [height, width, channels]: the ones that are no
 * matrix products. Sums run over kernel row, then kernel column. Offsets count elements.
 */
public interface Depthwise {

  /**
   * One row of outputs.
   *
   * @param geometry a depthwise one
   * @param outputRow which row of the image
   * @param x float [height, width, channels]
   * @param weights float [kernelHeight, kernelWidth, channels]
   * @param epilogue its residual is at y's offset
   * @param y float [outputWidth, channels]
   */
  void rowF32(
      ConvGeometry geometry,
      int outputRow,
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

  /** Whether {@link #rowQ8} takes images of this geometry. */
  default boolean requantizes(ConvGeometry geometry) {
    return false;
  }

  /**
   * What {@link #rowI32} computes, brought to 8 bits at once.
   *
   * @param y bytes [outputWidth, channels]
   */
  default void rowQ8(
      ConvGeometry geometry,
      int outputRow,
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
