package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional convolutions of images [height, width, channels]. The sum of an output element
 * runs over kernel row, kernel column and channel, in this order, so that it depends on nothing but
 * the element and its window.
 */
public interface Conv {

  /**
   * Packs filters.
   *
   * @param weights float [filters, channels / groups, kernelHeight, kernelWidth]
   */
  PackedFilters pack(Tensor weights, int groups, TensorArena owner);

  /**
   * y = epilogue(conv(x)), image by image.
   *
   * @param x float [images, height, width, channels]
   * @param epilogue its bias [filters]; its residual of y's shape
   * @param workspace at least {@link #workspaceBytes} bytes
   * @param y float [images, outputHeight, outputWidth, filters]
   */
  void convF32(
      int images,
      ConvGeometry geometry,
      MemorySegment x,
      PackedFilters filters,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool);

  /** Scratch bytes that so many images need with a pool of up to so many threads. */
  long workspaceBytes(int images, ConvGeometry geometry, PackedFilters filters, int threads);

  /**
   * The same for images that have their channels first, where that takes less than turning them;
   * else empty.
   *
   * @param planes which of x and y
   */
  default Optional<PlanarConv> planar(
      ConvGeometry geometry, PlanarConv.Planes planes, PackedFilters filters) {
    return Optional.empty();
  }

  /**
   * Packs 8-bit filters.
   *
   * @param weights INT8 or UINT8 [filters, channels / groups, kernelHeight, kernelWidth]
   * @param zeroPoint of the weights' type, scalar or [filters]; null for 0
   */
  PackedFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner);

  /**
   * y = sum (x - xZeroPoint) (w - wZeroPoint), exact modulo 2^32; padding counts as {@code
   * xZeroPoint}.
   *
   * @param x bytes [images, height, width, channels]
   * @param xSigned whether the bytes of x are signed
   * @param workspace at least {@link #workspaceBytes} bytes
   * @param y int32 [images, outputHeight, outputWidth, filters]
   */
  void convI32(
      int images,
      ConvGeometry geometry,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool);

  /**
   * The same, brought to the scale of an 8-bit output.
   *
   * @param requantization its columns are the filters
   * @param y bytes [images, outputHeight, outputWidth, filters]
   */
  void convQ8(
      int images,
      ConvGeometry geometry,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool);

  /** Constant filters in the layout of the backend that packed them. */
  interface PackedFilters {}
}
