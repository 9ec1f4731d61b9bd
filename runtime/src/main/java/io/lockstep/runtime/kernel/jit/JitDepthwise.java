package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;

/** Depthwise convolutions as emitted code; those of few channels elsewhere. */
final class JitDepthwise implements Depthwise {

  private final DepthwiseKernels tiles;
  private final WindowKernels kernels;
  private final boolean storesBytes;
  private final TileEpilogue epilogues;
  private final Others others;

  /**
   * Kernels for depthwise convolutions.
   *
   * @param storesBytes whether there is AVX-512 with dot products
   * @param others takes over what is not emitted
   */
  JitDepthwise(
      DepthwiseKernels tiles,
      WindowKernels kernels,
      boolean storesBytes,
      TileEpilogue epilogues,
      Others others) {
    this.tiles = tiles;
    this.kernels = kernels;
    this.storesBytes = storesBytes;
    this.epilogues = epilogues;
    this.others = others;
  }

  @Override
  public int rowsAtOnce(ConvGeometry g) {
    return Math.max(1, tiles.plan(WindowFold.PRODUCTS, g).rows());
  }

  @Override
  public void rowsF32(
      ConvGeometry g,
      int outputRow,
      int rows,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      Epilogue epilogue,
      MemorySegment y,
      long yOffset) {
    if (!WindowKernels.takes(g)) {
      others.depthwise().rowsF32(g, outputRow, rows, x, xOffset, weights, epilogue, y, yOffset);
      return;
    }
    WindowKernels.Row row =
        row(g, outputRow, rows, WindowFold.PRODUCTS, x, xOffset, weights, y, yOffset);
    Parameters parameters = Parameters.ofThread();
    long rowsBytes = (long) rows * g.outputWidth() * g.channels() * Float.BYTES;
    TileEpilogue.set(parameters, epilogue, 0, g.channels(), yOffset * Float.BYTES, rowsBytes);
    run(row, outputRow, rows, parameters);
    epilogues.activate(
        epilogue.activation(), rows * g.outputWidth(), g.channels(), y, yOffset, g.channels());
  }

  @Override
  public void rowI32(
      ConvGeometry g,
      int outputRow,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      MemorySegment weights,
      MemorySegment y,
      long yOffset) {
    if (!WindowKernels.takes(g)) {
      others.depthwise().rowI32(g, outputRow, x, xOffset, xSigned, xZeroPoint, weights, y, yOffset);
      return;
    }
    WindowFold fold = xSigned ? WindowFold.SIGNED_PRODUCTS : WindowFold.UNSIGNED_PRODUCTS;
    Parameters parameters = Parameters.ofThread();
    parameters.set(WindowSlots.NUMBER, xZeroPoint);
    fold(row(g, outputRow, 1, fold, x, xOffset, weights, y, yOffset), 0, parameters);
  }

  @Override
  public int requantizedRowsAtOnce(ConvGeometry g) {
    if (!storesBytes || !WindowKernels.takes(g) || g.channels() < Isa.AVX512.lanes()) {
      return 0;
    }
    return Math.max(1, tiles.plan(WindowFold.UNSIGNED_REQUANTIZED, g).rows());
  }

  @Override
  public void rowsQ8(
      ConvGeometry g,
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
    WindowFold fold = xSigned ? WindowFold.SIGNED_REQUANTIZED : WindowFold.UNSIGNED_REQUANTIZED;
    Parameters parameters = Parameters.ofThread();
    parameters.set(WindowSlots.NUMBER, xZeroPoint);
    long words = (long) g.channels() * Integer.BYTES;
    parameters.set(TileSlots.RESIDUAL, 0);
    TileEpilogue.set(parameters, requantization);
    parameters.set(TileSlots.BIAS, Addresses.orZero(requantization.bias(), 0, words));
    parameters.set(TileSlots.MULTIPLIERS, Addresses.of(requantization.multipliers(), 0, words));
    run(
        row(g, outputRow, rows, fold, x, xOffset, weights, y, yOffset),
        outputRow,
        rows,
        parameters);
  }

  private static WindowKernels.Row row(
      ConvGeometry g,
      int outputRow,
      int rows,
      WindowFold fold,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      MemorySegment y,
      long yOffset) {
    long image = (long) g.inputSize() * g.channels() * fold.elementBytes();
    long pixel = (long) g.channels() * Float.BYTES;
    long result = (long) g.channels() * fold.resultBytes();
    return new WindowKernels.Row(
        WindowRow.of(g, outputRow),
        fold,
        Addresses.of(x, xOffset * fold.elementBytes(), image),
        Addresses.of(weights, 0, pixel * g.kernelHeight() * g.kernelWidth()),
        Addresses.of(y, yOffset * fold.resultBytes(), (long) rows * g.outputWidth() * result));
  }

  /** On tiles where there are some, else one row of windows; the epilogue's slots are set. */
  private void run(WindowKernels.Row row, int outputRow, int rows, Parameters parameters) {
    ConvGeometry g = row.window().geometry();
    DepthwisePlan plan = tiles.plan(row.fold(), g);
    if (plan.rows() > 0) {
      DepthwiseKernels.Operands operands =
          new DepthwiseKernels.Operands(row.fold(), row.x(), row.weights(), row.y());
      tiles.run(plan, g, outputRow, rows, operands, parameters);
    } else {
      fold(row, parameters.get(TileSlots.RESIDUAL), parameters);
    }
  }

  private void fold(WindowKernels.Row row, long residual, Parameters parameters) {
    int column = 0;
    while (column < row.window().geometry().outputWidth()) {
      int count = WindowKernels.alike(row.window(), column);
      kernels.run(row, column, count, residual, parameters);
      column += count;
    }
  }
}
