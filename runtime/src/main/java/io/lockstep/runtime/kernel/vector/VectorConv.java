package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Conv;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions as products: filters [filters, k] times what they see [k, flat positions of a {@link
 * PaddedImage}], a panel of positions at a time, where k counts channel, kernel row and kernel
 * column. Pointwise ones read the image as it is; depthwise ones add tap after tap.
 *
 * <p>Packed: the filters as they are.
 */
final class VectorConv implements Conv {

  private static final int PANEL = GemmTiles.PANEL;
  private static final long PANEL_BYTES = (long) PANEL * Float.BYTES;

  private final Elementwise elementwise;
  private final QuantConv quant = new QuantConv();

  VectorConv(Elementwise elementwise) {
    this.elementwise = elementwise;
  }

  @Override
  public PackedFilters pack(Tensor weights, int groups, TensorArena owner) {
    Tensor copy = owner.copyOf(weights);
    return new PackedFilters(weights.shape().extent(0), groups, copy.segment());
  }

  @Override
  public long workspaceBytes(ConvGeometry g, int threads) {
    return ConvSplit.of(g, threads).workspaceBytes();
  }

  @Override
  public void convF32(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      PackedFilters filters,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    if (g.outputSize() == 0) {
      return;
    }
    Call call =
        new Call(
            elementwise,
            ConvSplit.of(g, pool.threads()),
            x,
            xOffset,
            filters.data(),
            bias,
            residual,
            activation,
            workspace,
            y,
            yOffset);
    ConvSplit split = call.split();
    if (!split.isDepthwise() && !g.isPointwise()) {
      split.fillImage(x, xOffset, workspace, 0, pool);
    }
    split.forEachUnit(
        pool,
        split.imageBytes(),
        split.scratchBytes(),
        split.isDepthwise() ? call::channel : call::panel);
  }

  /** One convolution of one image. */
  private record Call(
      Elementwise elementwise,
      ConvSplit split,
      MemorySegment x,
      long xOffset,
      MemorySegment filters,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset) {

    /** One channel of a depthwise convolution. */
    void channel(int channel, long scratch) {
      ConvGeometry g = split.geometry();
      PaddedImage layout = split.layout();
      long sums = scratch + layout.bytes(1);
      layout.fillChannel(x, xOffset + (long) channel * g.inputSize(), workspace, scratch);
      long filter = (long) channel * g.kernelHeight() * g.kernelWidth() * Float.BYTES;
      DepthwiseTaps.convolve(g, layout, workspace, scratch, filters, filter, workspace, sums);
      finish(channel, sums, 1, DepthwiseTaps.sumFloats(layout));
      long plane = yOffset + (long) channel * g.outputSize();
      DepthwiseTaps.scatter(g, layout, workspace, sums, y, plane);
      addResidual(plane, g.outputSize());
    }

    /** Some filters of one group at one panel of positions. */
    void panel(int unit, long scratch) {
      ConvGeometry g = split.geometry();
      PaddedImage layout = split.layout();
      int k = split.kernelSize();
      int flat = split.panel(unit) * PANEL;
      int channels = g.channels() / g.groups();
      int firstChannel = split.group(unit) * channels;
      MemorySegment b = workspace;
      long bByte = (firstChannel * layout.channelFloats() + flat) * Float.BYTES;
      long bStep = layout.channelFloats() * Float.BYTES;
      long tile = scratch + k * PANEL_BYTES;
      if (g.isPointwise()) {
        int count = Math.min(PANEL, g.outputSize() - flat);
        b = x;
        bByte = (xOffset + (long) firstChannel * g.inputSize() + flat) * Float.BYTES;
        bStep = (long) g.inputSize() * Float.BYTES;
        if (count < PANEL) {
          for (int channel = 0; channel < channels; channel++) {
            long to = scratch + channel * PANEL_BYTES;
            PaddedImage.copy(x, bByte + channel * bStep, workspace, to, count);
          }
          b = workspace;
          bByte = scratch;
          bStep = PANEL_BYTES;
        }
      } else if (k > channels) {
        layout.gather(channels, workspace, bByte, workspace, scratch);
        bByte = scratch;
        bStep = PANEL_BYTES;
      }
      for (int filter = split.firstFilter(unit);
          filter < split.lastFilter(unit);
          filter += ConvSplit.FILTERS) {
        int count = Math.min(ConvSplit.FILTERS, split.lastFilter(unit) - filter);
        long a = (long) filter * k * Float.BYTES;
        long aRow = (long) k * Float.BYTES;
        GemmTiles.rows(
            count, k, filters, a, aRow, b, bByte, bStep, workspace, tile, PANEL_BYTES, PANEL);
        finish(filter, tile, count, PANEL);
        store(flat, filter, count, tile);
      }
    }

    private void store(int flat, int filter, int count, long tile) {
      ConvGeometry g = split.geometry();
      PaddedImage layout = split.layout();
      long plane = yOffset + (long) filter * g.outputSize();
      layout.scatter(flat, count, workspace, tile, y, plane);
      if (residual != null) {
        int first = layout.outputsBefore(flat);
        int outputs = layout.outputsBefore(flat + PANEL) - first;
        for (int row = 0; row < count; row++) {
          addResidual(plane + (long) row * g.outputSize() + first, outputs);
        }
      }
    }

    /** Adds the bias to rows of sums and, unless a residual comes before it, the activation. */
    private void finish(int filter, long sums, int rows, long length) {
      for (int row = 0; bias != null && row < rows; row++) {
        float value = bias.get(Lanes.FLOAT, (long) (filter + row) * Float.BYTES);
        long at = sums + row * length * Float.BYTES;
        ScalarOperandLoops.runRight(
            BinaryFunction.ADD, workspace, at, value, workspace, at, length);
      }
      if (residual == null && !activation.isNone()) {
        long at = sums / Float.BYTES;
        elementwise.unary(activation, workspace, at, workspace, at, rows * length);
      }
    }

    private void addResidual(long at, int count) {
      if (residual != null) {
        elementwise.binary(BinaryFunction.ADD, y, at, residual, at, y, at, count);
        if (!activation.isNone()) {
          elementwise.unary(activation, y, at, y, at, count);
        }
      }
    }
  }

  @Override
  public PackedQuantFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    return quant.pack(weights, groups, zeroPoint, owner);
  }

  @Override
  public long quantWorkspaceBytes(ConvGeometry geometry, int threads) {
    return quant.workspaceBytes(geometry, threads);
  }

  @Override
  public void convI32(
      ConvGeometry geometry,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      PackedQuantFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    quant.convolve(geometry, x, xOffset, xSigned, xZeroPoint, filters, workspace, y, yOffset, pool);
  }
}
