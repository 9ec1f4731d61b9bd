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
  private record Products(List<PackedQuantMatrix> groups, @Nullable Pieces pieces)
      implements PackedFilters {}

  /**
   * The filters once more for windows that are read in place.
   *
   * @param length elements of each of a window's pieces, zeros behind them included
   * @param matrix [pieces * length, filters]
   */
  private record Pieces(int length, PackedQuantMatrix matrix) {}

  /** Int32 [kernelHeight, kernelWidth, channels], less their zero points. */
  private record Taps(MemorySegment weights) implements PackedFilters {}

  /** Windows in place have rows of a multiple of this many elements. */
  private static final int PIECE = 4;

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
    List<PackedQuantMatrix> packed =
        FilterLayout.perGroup(
            weights,
            groups,
            (matrix, group) -> gemm.pack(matrix, true, slice(zeroPoint, group, filters), owner));
    return new Products(packed, pieces(weights, groups, zeroPoint, packed.getFirst(), owner));
  }

  /** The filters for windows in place, where a backend reads them so; few channels need zeros. */
  private @Nullable Pieces pieces(
      Tensor weights,
      int groups,
      @Nullable Tensor zeroPoint,
      PackedQuantMatrix packed,
      TensorArena owner) {
    Shape shape = weights.shape();
    if (windowGemm == null || groups > 1 || shape.rank() != 4) {
      return null;
    }
    int row = shape.extent(3) * shape.extent(1);
    int length = (row + PIECE - 1) / PIECE * PIECE;
    if (!windowGemm.takes(length, packed)) {
      return null;
    }
    if (length == row) {
      return new Pieces(row, packed);
    }
    return new Pieces(
        length,
        FilterLayout.perGroup(
                weights,
                1,
                (matrix, _) -> gemm.pack(widened(matrix, row, length), true, zeroPoint, owner))
            .getFirst());
  }

  /** Rows of a matrix with zeros behind each {@code row} elements. */
  private static Tensor widened(Tensor matrix, int row, int length) {
    int filters = matrix.shape().extent(0);
    int rows = matrix.shape().extent(1) / row;
    byte[] wide = new byte[filters * rows * length];
    for (int i = 0; i < filters * rows; i++) {
      MemorySegment.copy(
          matrix.segment(), ValueLayout.JAVA_BYTE, (long) i * row, wide, i * length, row);
    }
    return Tensor.of(
        matrix.type().withShape(Shape.of(filters, rows * length)), MemorySegment.ofArray(wide));
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
    Pieces pieces = inPlace(g, products);
    return windowGemm != null && pieces != null
        ? Math.max(rows, offsetsAt(g, pieces) + windowGemm.workspaceBytes(pieces.matrix()))
        : rows;
  }

  /** The filters for windows in place, if this geometry allows them. */
  private @Nullable Pieces inPlace(ConvGeometry g, Products products) {
    Pieces rows = products.pieces();
    if (rows == null || g.dilationWidth() == 1) {
      return rows;
    }
    PackedQuantMatrix matrix = products.groups().getFirst();
    int pixel = PaddedImage.pieceLength(g);
    boolean isTaken = windowGemm != null && windowGemm.takes(pixel, matrix);
    return isTaken ? new Pieces(pixel, matrix) : null;
  }

  private static PaddedImage padded(ConvGeometry g, Pieces pieces) {
    return new PaddedImage(g, 1, pieces.length());
  }

  /** Where the scratch memory of products in place begins, behind a framed image. */
  private static long offsetsAt(ConvGeometry g, Pieces pieces) {
    return Slot.aligned(padded(g, pieces).bytes());
  }

  private static void inPlace(
      QuantWindowGemm products,
      int images,
      ConvGeometry g,
      MemorySegment x,
      int xZeroPoint,
      Pieces pieces,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    PaddedImage padded = padded(g, pieces);
    long imageSize = (long) g.inputSize() * g.channels();
    MemorySegment offsets = workspace.asSlice(offsetsAt(g, pieces));
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
          pieces.matrix(),
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
    Pieces pieces = inPlace(g, products);
    if (windowGemm != null && pieces != null && requantization != null && !xSigned) {
      inPlace(windowGemm, images, g, x, xZeroPoint, pieces, requantization, workspace, y, pool);
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
    int requantized = requantization == null ? 0 : depthwise.requantizedRowsAtOnce(g);
    rows.forEach(
        pool,
        Math.max(1, requantized),
        (row, count, xOffset, yOffset, slot) -> {
          if (requantization == null) {
            depthwise.rowI32(g, row, x, xOffset, xSigned, xZeroPoint, weights, y, yOffset);
            return;
          }
          if (requantized > 0) {
            depthwise.rowsQ8(
                g,
                row,
                count,
                x,
                xOffset,
                xSigned,
                xZeroPoint,
                weights,
                requantization,
                y,
                yOffset);
            return;
          }
          long sums = slot * rows.rowBytes() / Integer.BYTES;
          depthwise.rowI32(g, row, x, xOffset, xSigned, xZeroPoint, weights, workspace, sums);
          quantize.requantize(
              g.outputWidth(), g.filters(), workspace, sums, requantization, y, yOffset);
        });
  }
}
