package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The depthwise kernels, each generated when it is first needed, and how rows are cut into tiles.
 */
final class DepthwiseKernels {

  /** Multiplications of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 1 << 21;

  /** Of a tile. */
  private static final int MOST_RESULTS = 32;

  /** All of them are written out, for each border anew. */
  private static final int MOST_TAPS = 128;

  private record Planned(WindowFold fold, ConvGeometry geometry, DepthwisePlan plan) {}

  private record Key(Isa isa, WindowFold fold, DepthwiseTile tile) {}

  private final Isa isa;
  private final Map<Key, NativeKernel> kernels = new ConcurrentHashMap<>();

  /** What was asked for last; the rows of an image ask for the same again and again. */
  private volatile @Nullable Planned last;

  DepthwiseKernels(Isa isa) {
    this.isa = isa;
  }

  /** The tiles of a geometry; {@link DepthwisePlan#NONE} for those that other kernels take. */
  DepthwisePlan plan(WindowFold fold, ConvGeometry g) {
    Planned planned = last;
    if (planned == null || planned.fold() != fold || !planned.geometry().equals(g)) {
      planned = new Planned(fold, g, planned(fold, g));
      last = planned;
    }
    return planned.plan();
  }

  private DepthwisePlan planned(WindowFold fold, ConvGeometry g) {
    Isa used = g.channels() >= isa.lanes() ? isa : Isa.AVX2;
    if (g.channels() < used.lanes()
        || g.kernelHeight() * g.kernelWidth() > MOST_TAPS
        || work(g, 1, 1) > CALL / MOST_RESULTS) {
      return DepthwisePlan.NONE;
    }
    return DepthwisePlan.of(used, fold, g);
  }

  private static long work(ConvGeometry g, int rows, int columns) {
    return (long) g.channels() * g.kernelHeight() * g.kernelWidth() * rows * columns;
  }

  /**
   * Where the operands are.
   *
   * @param fold products of floats, or requantised ones
   * @param x address of the image, elements [height, width, channels]
   * @param weights address of 32-bit elements [kernelHeight, kernelWidth, channels]
   * @param y address of the first row of results [rows, outputWidth, channels]
   */
  record Operands(WindowFold fold, long x, long weights, long y) {}

  /**
   * Computes some rows of results; the epilogue's slots are set for the first.
   *
   * @param rows at most the plan's
   */
  void run(
      DepthwisePlan plan, ConvGeometry g, int row, int rows, Operands of, Parameters parameters) {
    Isa used = plan.isa();
    long pixelBytes = (long) g.channels() * of.fold.elementBytes();
    long resultBytes = (long) g.channels() * of.fold.resultBytes();
    int columns = plan.columns();
    long most = Math.max(1, CALL / work(g, rows, columns));
    long residual = parameters.get(TileSlots.RESIDUAL);
    parameters.set(WindowSlots.WEIGHTS, of.weights);
    parameters.set(WindowSlots.LINE_STEP, g.width() * pixelBytes);
    parameters.set(WindowSlots.Y_LINE, g.outputWidth() * resultBytes);
    parameters.set(
        WindowSlots.LAST_VECTOR, pixelBytes - (long) used.lanes() * of.fold.elementBytes());
    parameters.set(WindowSlots.X_TILE, (long) columns * g.strideWidth() * pixelBytes);
    parameters.set(WindowSlots.Y_TILE, columns * resultBytes);
    parameters.set(WindowSlots.LOW_WORD, 0xffff);
    int column = 0;
    while (column < g.outputWidth()) {
      // the last tile may repeat results of the one before
      int first = Math.min(column, g.outputWidth() - columns);
      DepthwiseTile tile = DepthwiseTile.of(g, row, rows, first, columns);
      int alike = 1;
      while (alike < most && isAlike(g, tile, row, first + alike * columns)) {
        alike++;
      }
      long yByte = first * resultBytes;
      parameters.set(WindowSlots.X, of.x + firstPixel(g, tile, row, first) * pixelBytes);
      parameters.set(WindowSlots.Y, of.y + yByte);
      parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + yByte);
      parameters.set(WindowSlots.TILES, alike);
      kernel(used, of.fold, tile).call(parameters);
      column = first + alike * columns;
    }
  }

  private static boolean isAlike(ConvGeometry g, DepthwiseTile tile, int row, int column) {
    return column + tile.columns() <= g.outputWidth()
        && DepthwiseTile.of(g, row, tile.rows(), column, tile.columns()).equals(tile);
  }

  /** The pixel of the image that the tile reads first. */
  private static long firstPixel(ConvGeometry g, DepthwiseTile tile, int row, int column) {
    long line = (long) row * g.strideHeight() - g.padTop() + tile.firstLine();
    return line * g.width() + (long) column * g.strideWidth() - g.padLeft() + tile.firstColumn();
  }

  private NativeKernel kernel(Isa used, WindowFold fold, DepthwiseTile tile) {
    return kernels.computeIfAbsent(
        new Key(used, fold, tile),
        key -> DepthwiseGenerator.generate(key.isa(), key.fold(), key.tile()));
  }
}
