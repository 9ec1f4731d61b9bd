package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The 8-bit part of {@link ProductConv}. */
final class QuantProductConv {

  /** One matrix [kernelHeight * kernelWidth * channels / groups, filters / groups] a group. */
  private record Products(List<PackedQuantMatrix> groups) implements PackedFilters {}

  /** Int32 [kernelHeight, kernelWidth, channels], less their zero points. */
  private record Taps(MemorySegment weights) implements PackedFilters {}

  private final QuantGemm gemm;
  private final @Nullable QuantWindowGemm windowGemm;
  private final Depthwise depthwise;
  private final Quantize quantize;

  QuantProductConv(
      QuantGemm gemm,
      @Nullable QuantWindowGemm windowGemm,
      Depthwise depthwise,
      Quantize quantize) {
    this.gemm = gemm;
    this.windowGemm = windowGemm;
    this.depthwise = depthwise;
    this.quantize = quantize;
  }

  PackedFilters pack(Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    if (FilterLayout.isDepthwise(weights, groups)) {
      return new Taps(FilterLayout.taps(weights, zeroPoint, owner));
    }
    int filters = weights.shape().extent(0) / groups;
    return new Products(
        FilterLayout.perGroup(
            weights,
            groups,
            (matrix, group) -> gemm.pack(matrix, true, slice(zeroPoint, group, filters), owner)));
  }

  private static @Nullable Tensor slice(@Nullable Tensor zeroPoint, int group, int filters) {
    if (zeroPoint == null || zeroPoint.size() == 1) {
      return zeroPoint;
    }
    return Tensor.of(
        zeroPoint.type().withShape(Shape.of(filters)),
        zeroPoint.segment().asSlice((long) group * filters, filters));
  }

  long workspaceBytes(int images, ConvGeometry g, PackedFilters filters, int threads) {
    if (!(filters instanceof Products products)) {
      return threads * new DepthwiseRows(images, g).rowBytes();
    }
    long rows = threads * Slot.of(images, g, products, gemm).bytes();
    return windowGemm != null && isInPlace(windowGemm, g, products)
        ? Math.max(rows, offsetsAt(g) + windowGemm.workspaceBytes(products.groups().getFirst()))
        : rows;
  }

  /** Whether windows can be read where they lie: as many neighbours as the kernel has columns. */
  private static boolean isInPlace(QuantWindowGemm products, ConvGeometry g, Products filters) {
    return g.groups() == 1
        && g.dilationWidth() == 1
        && products.takes(g.kernelWidth() * g.channels(), filters.groups().getFirst());
  }

  /** Where the scratch memory of products in place begins, behind a framed image. */
  private static long offsetsAt(ConvGeometry g) {
    return Slot.aligned(new PaddedImage(g, 1).bytes());
  }

  private static void inPlace(
      QuantWindowGemm products,
      int images,
      ConvGeometry g,
      MemorySegment x,
      int xZeroPoint,
      PackedQuantMatrix matrix,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    PaddedImage padded = new PaddedImage(g, 1);
    long imageSize = (long) g.inputSize() * g.channels();
    MemorySegment offsets = workspace.asSlice(offsetsAt(g));
    for (int image = 0; image < images; image++) {
      long at = image * imageSize;
      if (padded.isFramed()) {
        padded.copy(x, at, (byte) xZeroPoint, workspace, pool);
      }
      products.windowsQ8(
          padded.windows(),
          padded.isFramed() ? workspace : x,
          padded.isFramed() ? 0 : at,
          xZeroPoint,
          matrix,
          requantization,
          offsets,
          y,
          (long) image * g.outputSize() * g.filters(),
          g.filters(),
          pool);
    }
  }

  /**
   * The scratch memory of one thread, as offsets in bytes.
   *
   * @param zeroPoints int32 [rows]; the windows lie before them
   * @param product what the product needs
   * @param sums int32 [rows, filters]
   */
  private record Slot(long zeroPoints, long product, long sums, long bytes) {

    static Slot of(int images, ConvGeometry g, Products filters, QuantGemm gemm) {
      int rows = ConvBlocks.rowsBound(images, g, 1);
      long zeroPoints = g.isPointwise() ? 0 : aligned((long) rows * g.windowSize());
      long product = zeroPoints + aligned((long) rows * Integer.BYTES);
      long sums = product + aligned(gemm.workspaceBytes(rows, filters.groups().getFirst()));
      long bytes = sums + aligned((long) rows * g.filters() * Integer.BYTES);
      return new Slot(zeroPoints, product, sums, bytes);
    }

    private static long aligned(long bytes) {
      return (bytes + TensorArena.ALIGNMENT - 1) / TensorArena.ALIGNMENT * TensorArena.ALIGNMENT;
    }
  }

  /**
   * All images.
   *
   * @param requantization null to store the sums themselves
   * @param y int32 or bytes [images, outputHeight, outputWidth, filters]
   */
  void run(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      @Nullable Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    if (filters instanceof Taps(MemorySegment weights)) {
      depthwise(images, g, x, xSigned, xZeroPoint, weights, requantization, workspace, y, pool);
      return;
    }
    Products products = (Products) filters;
    if (windowGemm != null
        && requantization != null
        && !xSigned
        && isInPlace(windowGemm, g, products)) {
      PackedQuantMatrix matrix = products.groups().getFirst();
      inPlace(windowGemm, images, g, x, xZeroPoint, matrix, requantization, workspace, y, pool);
      return;
    }
    Slot layout = Slot.of(images, g, products, gemm);
    ConvBlocks blocks = ConvBlocks.of(images, g, 1, pool.threads());
    ComputePool inner = blocks.isOne() ? pool : ComputePool.CALLER;
    WindowRows[] windows = new WindowRows[products.groups().size()];
    for (int group = 0; group < windows.length; group++) {
      windows[group] = new WindowRows(g, group, 1, (byte) xZeroPoint);
    }
    blocks.forEach(
        pool,
        (from, to, slot) -> {
          int rows = to - from;
          MemorySegment own = workspace.asSlice(slot * layout.bytes(), layout.bytes());
          MemorySegment zeroPoints = own.asSlice(layout.zeroPoints(), 4L * rows);
          for (int row = 0; row < rows; row++) {
            zeroPoints.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, row, xZeroPoint);
          }
          MemorySegment sums = requantization == null ? y : own;
          long first = requantization == null ? (long) from * g.filters() : layout.sums() / 4;
          for (int group = 0; group < windows.length; group++) {
            PackedQuantMatrix matrix = products.groups().get(group);
            if (!g.isPointwise()) {
              windows[group].gather(x, from, rows, own, 0);
            }
            gemm.gemmI32(
                rows,
                g.isPointwise() ? x : own,
                g.isPointwise() ? (long) from * g.channels() + (long) group * matrix.k() : 0,
                g.isPointwise() ? g.channels() : matrix.k(),
                xSigned,
                zeroPoints,
                matrix,
                own.asSlice(layout.product(), layout.sums() - layout.product()),
                sums,
                first + (long) group * matrix.n(),
                g.filters(),
                inner);
          }
          if (requantization != null) {
            long at = (long) from * g.filters();
            quantize.requantize(rows, g.filters(), sums, first, requantization, y, at);
          }
        });
  }

  private void depthwise(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      MemorySegment weights,
      @Nullable Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    DepthwiseRows rows = new DepthwiseRows(images, g);
    rows.forEach(
        pool,
        (row, xOffset, yOffset, slot) -> {
          if (requantization == null) {
            depthwise.rowI32(g, row, x, xOffset, xSigned, xZeroPoint, weights, y, yOffset);
            return;
          }
          long sums = slot * rows.rowBytes() / Integer.BYTES;
          depthwise.rowI32(g, row, x, xOffset, xSigned, xZeroPoint, weights, workspace, sums);
          quantize.requantize(
              g.outputWidth(), g.filters(), workspace, sums, requantization, y, yOffset);
        });
  }
}
