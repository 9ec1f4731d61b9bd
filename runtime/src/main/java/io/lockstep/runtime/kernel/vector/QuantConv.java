package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Conv.PackedQuantFilters;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of 8-bit integers on floating-point units, exact for the reason that {@link
 * VectorQuantGemm} gives.
 *
 * <p>Packed: bytes [filters, k], unsigned ones shifted by -128, then int32 [filters] their zero
 * points, shifted likewise. While a convolution runs, its workspace holds the image, the filters
 * and the padded image as floats without their zero points.
 */
final class QuantConv {

  private static final int PANEL = GemmTiles.PANEL;
  private static final long PANEL_BYTES = (long) PANEL * Float.BYTES;

  PackedQuantFilters pack(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    int shift = weights.dtype() == DType.UINT8 ? 128 : 0;
    int filters = weights.shape().extent(0);
    long k = filters == 0 ? 0 : weights.size() / filters;
    MemorySegment data = owner.allocateBytes(weights.size() + (long) filters * Integer.BYTES);
    for (long i = 0; i < weights.size(); i++) {
      data.set(ValueLayout.JAVA_BYTE, i, (byte) (weights.asLong(i) - shift));
    }
    for (int filter = 0; filter < filters; filter++) {
      long zero = zeroPoint == null ? 0 : zeroPoint.asLong(zeroPoint.size() == 1 ? 0 : filter);
      data.set(Lanes.INT, filters * k + (long) filter * Integer.BYTES, (int) zero - shift);
    }
    return new PackedQuantFilters(filters, groups, data);
  }

  long workspaceBytes(ConvGeometry g, int threads) {
    ConvSplit split = ConvSplit.of(g, threads);
    return scratchStart(split) + split.chunks() * chunkBytes(split);
  }

  private static long aligned(long bytes) {
    return (bytes + TensorArena.ALIGNMENT - 1) & -TensorArena.ALIGNMENT;
  }

  private static long filterStart(ConvGeometry g) {
    return aligned((long) g.channels() * g.inputSize() * Float.BYTES);
  }

  private static long paddedStart(ConvSplit split) {
    ConvGeometry g = split.geometry();
    return filterStart(g) + aligned((long) g.filters() * split.kernelSize() * Float.BYTES);
  }

  private static long scratchStart(ConvSplit split) {
    ConvGeometry g = split.geometry();
    long padded = split.isDepthwise() ? 0 : aligned(split.layout().bytes(g.channels()));
    return paddedStart(split) + padded;
  }

  /** The float kernels' scratch and a tile of int32. */
  private static long chunkBytes(ConvSplit split) {
    return split.scratchBytes() + ConvSplit.FILTERS * PANEL_BYTES;
  }

  void convolve(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      PackedQuantFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    if (g.outputSize() == 0) {
      return;
    }
    ConvSplit split = ConvSplit.of(g, pool.threads());
    Call call = new Call(split, workspace, y, yOffset);
    int mask = xSigned ? -1 : 0xff;
    pool.parallelFor(
        g.channels(),
        Math.clamp(65536L / g.inputSize(), 1, 1 << 16),
        (from, to) -> {
          int plane = g.inputSize();
          long at = (long) from * plane;
          IntLoops.widen(
              x, xOffset + at, mask, xZeroPoint, workspace, at * Float.BYTES, (to - from) * plane);
        });
    int k = split.kernelSize();
    pool.parallelFor(
        g.filters(),
        Math.max(1, 65536 / Math.max(1, k)),
        (from, to) -> {
          for (int filter = from; filter < to; filter++) {
            call.widenFilter(filters.data(), filter);
          }
        });
    if (!split.isDepthwise()) {
      split.fillImage(workspace, 0, workspace, paddedStart(split), pool);
    }
    split.forEachUnit(
        pool,
        scratchStart(split),
        chunkBytes(split),
        split.isDepthwise() ? call::channel : call::panel);
  }

  /** One convolution of one image. */
  private record Call(ConvSplit split, MemorySegment workspace, MemorySegment y, long yOffset) {

    void widenFilter(MemorySegment data, int filter) {
      ConvGeometry g = split.geometry();
      int k = split.kernelSize();
      long at = (long) filter * k;
      long zeros = (long) g.filters() * k;
      int zero = data.get(Lanes.INT, zeros + (long) filter * Integer.BYTES);
      long to = filterStart(g) + at * Float.BYTES;
      IntLoops.widen(data, at, -1, zero, workspace, to, k);
    }

    /** One channel of a depthwise convolution. */
    void channel(int channel, long scratch) {
      ConvGeometry g = split.geometry();
      PaddedImage layout = split.layout();
      long sums = scratch + layout.bytes(1);
      layout.fillChannel(workspace, (long) channel * g.inputSize(), workspace, scratch);
      long filter = filterStart(g) + (long) channel * split.kernelSize() * Float.BYTES;
      DepthwiseTaps.convolve(g, layout, workspace, scratch, workspace, filter, workspace, sums);
      IntLoops.toInts(workspace, sums, workspace, sums, DepthwiseTaps.sumFloats(layout));
      long plane = yOffset + (long) channel * g.outputSize();
      DepthwiseTaps.scatter(g, layout, workspace, sums, y, plane);
    }

    /** Some filters of one group at one panel of positions. */
    void panel(int unit, long scratch) {
      ConvGeometry g = split.geometry();
      PaddedImage layout = split.layout();
      int k = split.kernelSize();
      int flat = split.panel(unit) * PANEL;
      int channels = g.channels() / g.groups();
      long channel = (long) split.group(unit) * channels * layout.channelFloats();
      long image = paddedStart(split) + (channel + flat) * Float.BYTES;
      layout.gather(channels, workspace, image, workspace, scratch);
      for (int filter = split.firstFilter(unit);
          filter < split.lastFilter(unit);
          filter += ConvSplit.FILTERS) {
        int count = Math.min(ConvSplit.FILTERS, split.lastFilter(unit) - filter);
        long ints = scratch + split.scratchBytes();
        sums(filter, count, scratch, scratch + k * PANEL_BYTES, ints);
        long plane = yOffset + (long) filter * g.outputSize();
        layout.scatter(flat, count, workspace, ints, y, plane);
      }
    }

    /** Int32 [count, PANEL], block by block of the reduction. */
    private void sums(int filter, int count, long windows, long tile, long ints) {
      int k = split.kernelSize();
      long a = filterStart(split.geometry()) + (long) filter * k * Float.BYTES;
      for (int block = 0; block == 0 || block < k; block += ConvSplit.EXACT_BLOCK) {
        GemmTiles.rows(
            count,
            Math.min(ConvSplit.EXACT_BLOCK, k - block),
            workspace,
            a + (long) block * Float.BYTES,
            (long) k * Float.BYTES,
            workspace,
            windows + block * PANEL_BYTES,
            PANEL_BYTES,
            workspace,
            tile,
            PANEL_BYTES,
            PANEL);
        if (block == 0) {
          IntLoops.toInts(workspace, tile, workspace, ints, (long) count * PANEL);
        } else {
          IntLoops.addToInts(workspace, tile, workspace, ints, (long) count * PANEL);
        }
      }
    }
  }
}
