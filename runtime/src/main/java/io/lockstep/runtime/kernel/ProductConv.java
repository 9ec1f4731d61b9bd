package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions as products of a backend: the windows of a block of output pixels are the rows, the
 * filters of a group the columns. Pointwise ones read the image as it is. Depthwise ones have
 * kernels of their own.
 */
public final class ProductConv implements Conv {

  /** One matrix [kernelHeight * kernelWidth * channels / groups, filters / groups] a group. */
  private record Products(List<PackedMatrix> groups) implements PackedFilters {}

  /** Float [kernelHeight, kernelWidth, channels]. */
  private record Taps(MemorySegment weights) implements PackedFilters {}

  /** Rows so far apart share the lines of a first-level cache of 4 KiB a way. */
  private static final int SPREAD_BYTES = 4096;

  /** A cache line of floats. */
  private static final int ROW_GAP = 16;

  /** Pixels, and filters, for which laying out rows pays. */
  private static final int LEAST_SPREAD = 32;

  private final Gemm gemm;
  private final @Nullable WindowGemm windowGemm;
  private final Depthwise depthwise;
  private final Copies copies;
  private final QuantProductConv quant;

  /**
   * Convolutions on these kernels.
   *
   * @param windowGemm products of windows in place; null to lay windows out as rows
   * @param quantWindowGemm the same of bytes
   */
  public ProductConv(
      Gemm gemm,
      @Nullable WindowGemm windowGemm,
      QuantGemm quantGemm,
      @Nullable QuantWindowGemm quantWindowGemm,
      Depthwise depthwise,
      Quantize quantize,
      Copies copies) {
    this.gemm = gemm;
    this.windowGemm = windowGemm;
    this.depthwise = depthwise;
    this.copies = copies;
    this.quant = new QuantProductConv(quantGemm, quantWindowGemm, depthwise, quantize);
  }

  @Override
  public PackedFilters pack(Tensor weights, int groups, TensorArena owner) {
    if (FilterLayout.isDepthwise(weights, groups)) {
      return new Taps(FilterLayout.taps(weights, null, owner));
    }
    return new Products(
        FilterLayout.perGroup(weights, groups, (matrix, _) -> gemm.pack(matrix, true, owner)));
  }

  @Override
  public Optional<PlanarConv> planar(
      ConvGeometry geometry, PlanarConv.Planes planes, PackedFilters filters) {
    boolean hasRows = geometry.height() > 1 && geometry.outputHeight() > 1; // to be cut into bands
    return windowGemm != null
            && hasRows
            && isInPlace(geometry)
            && filters instanceof Products(var groups)
        ? Optional.of(new PlanarConv(windowGemm, copies, geometry, planes, groups.getFirst()))
        : Optional.empty();
  }

  @Override
  public PackedFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    return quant.pack(weights, groups, zeroPoint, owner);
  }

  @Override
  public long workspaceBytes(int images, ConvGeometry g, PackedFilters filters, int threads) {
    return switch (filters) {
      case Taps _ -> 0;
      case Products _ when isSpread(images, g) -> threads * slotBytes(images, g);
      case Products _ when g.isPointwise() -> 0;
      case Products _ when isInPlace(g) -> PaddedImage.of(g, Float.BYTES).bytes();
      case Products _ -> threads * slotBytes(images, g);
      default -> quant.workspaceBytes(images, g, filters, threads);
    };
  }

  /** Whether windows are read where they lie. */
  private boolean isInPlace(ConvGeometry g) {
    return windowGemm != null && g.groups() == 1;
  }

  /**
   * Whether pixels are laid out as rows with gaps between them: in place the rows of a tile would
   * fall on the same few lines of the first-level cache, which holds too few of them.
   */
  private static boolean isSpread(int images, ConvGeometry g) {
    long pixelBytes = (long) g.channels() * g.strideWidth() * Float.BYTES;
    return g.groups() == 1
        && g.kernelHeight() == 1
        && g.kernelWidth() == 1
        && g.filters() >= LEAST_SPREAD
        && (long) images * g.outputSize() >= LEAST_SPREAD
        && pixelBytes % SPREAD_BYTES == 0;
  }

  /** Elements from a laid out row to the next: no multiple of what would collide in the cache. */
  private static int rowLength(ConvGeometry g) {
    int length = g.windowSize();
    return length * Float.BYTES % SPREAD_BYTES == 0 ? length + ROW_GAP : length;
  }

  private static long slotBytes(int images, ConvGeometry g) {
    return (long) ConvBlocks.rowsBound(images, g, Float.BYTES) * rowLength(g) * Float.BYTES;
  }

  @Override
  public void convF32(
      int images,
      ConvGeometry g,
      MemorySegment x,
      PackedFilters filters,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    if (filters instanceof Taps(MemorySegment weights)) {
      DepthwiseRows rows = new DepthwiseRows(images, g);
      rows.forEach(
          pool,
          depthwise.rowsAtOnce(g),
          (row, count, xOffset, yOffset, _) ->
              depthwise.rowsF32(g, row, count, x, xOffset, weights, epilogue, y, yOffset));
      return;
    }
    List<PackedMatrix> groups = ((Products) filters).groups();
    boolean isSpread = isSpread(images, g);
    if (windowGemm != null && isInPlace(g) && !g.isPointwise() && !isSpread) {
      inPlace(windowGemm, images, g, x, groups.getFirst(), epilogue, workspace, y, pool);
      return;
    }
    for (int group = 0; group < groups.size(); group++) {
      PackedMatrix matrix = groups.get(group);
      Epilogue part = part(epilogue, group, matrix.n());
      if (g.isPointwise() && !isSpread) {
        gemm.gemmF32(
            Math.multiplyExact(images, g.outputSize()),
            x,
            (long) group * matrix.k(),
            g.channels(),
            matrix,
            part,
            y,
            (long) group * matrix.n(),
            g.filters(),
            pool);
      } else {
        windows(images, g, x, group, matrix, part, workspace, y, pool);
      }
    }
  }

  private static void inPlace(
      WindowGemm products,
      int images,
      ConvGeometry g,
      MemorySegment x,
      PackedMatrix matrix,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    PaddedImage padded = PaddedImage.of(g, Float.BYTES);
    long imageSize = (long) g.inputSize() * g.channels();
    for (int image = 0; image < images; image++) {
      long at = image * imageSize;
      if (padded.isFramed()) {
        padded.copy(x, at * Float.BYTES, (byte) 0, workspace, pool);
      }
      products.windowsF32(
          padded.windows(),
          padded.isFramed() ? workspace : x,
          padded.isFramed() ? 0 : at,
          matrix,
          epilogue,
          y,
          (long) image * g.outputSize() * g.filters(),
          g.filters(),
          pool);
    }
  }

  /** The epilogue as the filters of one group see it. */
  private static Epilogue part(Epilogue epilogue, int group, int filters) {
    MemorySegment bias = epilogue.bias();
    if (group == 0 || bias == null) {
      return epilogue;
    }
    return new Epilogue(
        bias.asSlice((long) group * filters * Float.BYTES),
        epilogue.residual(),
        epilogue.activation());
  }

  private void windows(
      int images,
      ConvGeometry g,
      MemorySegment x,
      int group,
      PackedMatrix matrix,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    ConvBlocks blocks = ConvBlocks.of(images, g, Float.BYTES, pool.threads());
    WindowRows windows = new WindowRows(g, group, Float.BYTES, (byte) 0);
    int rowLength = rowLength(g);
    long slotBytes = slotBytes(images, g);
    ComputePool inner = blocks.isOne() ? pool : ComputePool.CALLER;
    blocks.forEach(
        pool,
        (from, to, slot) -> {
          long rows = slot * slotBytes;
          windows.gather(x, from, to - from, workspace, rows, (long) rowLength * Float.BYTES);
          gemm.gemmF32(
              to - from,
              workspace,
              rows / Float.BYTES,
              rowLength,
              matrix,
              epilogue,
              y,
              (long) from * g.filters() + (long) group * matrix.n(),
              g.filters(),
              inner);
        });
  }

  @Override
  public void convI32(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    quant.run(images, g, x, xSigned, xZeroPoint, filters, null, workspace, y, pool);
  }

  @Override
  public void convQ8(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    quant.run(images, g, x, xSigned, xZeroPoint, filters, requantization, workspace, y, pool);
  }
}
