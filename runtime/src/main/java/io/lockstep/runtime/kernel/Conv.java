package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Two-dimensional convolutions, images as [channels, height, width]. Offsets count elements. */
public interface Conv {

  /**
   * Packs filters.
   *
   * @param weights float [filters, channels / groups, kernelHeight, kernelWidth]
   */
  PackedFilters pack(Tensor weights, int groups, TensorArena owner);

  /**
   * One image: y = activation(conv(x) + bias + residual).
   *
   * @param x float [channels, height, width]
   * @param bias float [filters], or null
   * @param residual float [filters, outputHeight, outputWidth] at {@code yOffset}, or null
   * @param workspace at least {@link #workspaceBytes} bytes
   * @param y float [filters, outputHeight, outputWidth]
   */
  void convF32(
      ConvGeometry geometry,
      MemorySegment x,
      long xOffset,
      PackedFilters filters,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool);

  /** Scratch bytes that one image needs with a pool of so many threads. */
  long workspaceBytes(ConvGeometry geometry, int threads);

  /**
   * Packs 8-bit filters.
   *
   * @param weights INT8 or UINT8 [filters, channels / groups, kernelHeight, kernelWidth]
   * @param zeroPoint of the weights' type, scalar or [filters]; null for 0
   */
  PackedQuantFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner);

  /**
   * One image: y = sum (x - xZeroPoint) (w - wZeroPoint), exact modulo 2^32; padding counts as
   * {@code xZeroPoint}.
   *
   * @param x bytes [channels, height, width]
   * @param xSigned whether the bytes of x are signed
   * @param workspace at least {@link #quantWorkspaceBytes} bytes
   * @param y int32 [filters, outputHeight, outputWidth]
   */
  void convI32(
      ConvGeometry geometry,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      PackedQuantFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool);

  /** Scratch bytes that one image of 8-bit integers needs with a pool of so many threads. */
  long quantWorkspaceBytes(ConvGeometry geometry, int threads);

  /**
   * Constant filters in the backend's layout.
   *
   * @param data in memory of the arena given at packing
   */
  record PackedFilters(int filters, int groups, MemorySegment data) {}

  /**
   * Constant 8-bit filters in the backend's layout.
   *
   * @param data in memory of the arena given at packing
   */
  record PackedQuantFilters(int filters, int groups, MemorySegment data) {}
}
