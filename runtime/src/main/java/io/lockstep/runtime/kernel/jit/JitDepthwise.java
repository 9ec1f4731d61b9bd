package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;

/** Depthwise convolutions as emitted code; those of few channels elsewhere. */
final class JitDepthwise implements Depthwise {

  private final WindowKernels kernels;
  private final TileEpilogue epilogues;
  private final Others others;

  /**
   * Kernels for depthwise convolutions.
   *
   * @param others takes over what is not emitted
   */
  JitDepthwise(WindowKernels kernels, TileEpilogue epilogues, Others others) {
    this.kernels = kernels;
    this.epilogues = epilogues;
    this.others = others;
  }

  @Override
  public void rowF32(
      ConvGeometry g,
      int outputRow,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      Epilogue epilogue,
      MemorySegment y,
      long yOffset) {
    if (!WindowKernels.takes(g)) {
      others.depthwise().rowF32(g, outputRow, x, xOffset, weights, epilogue, y, yOffset);
      return;
    }
    WindowKernels.Row row = row(g, outputRow, WindowFold.PRODUCTS, x, xOffset, weights, y, yOffset);
    Parameters parameters = Parameters.ofThread();
    long rowBytes = (long) g.outputWidth() * g.channels() * Float.BYTES;
    TileEpilogue.set(parameters, epilogue, 0, g.channels(), yOffset * Float.BYTES, rowBytes);
    fold(row, parameters.get(TileSlots.RESIDUAL), parameters);
    epilogues.activate(
        epilogue.activation(), g.outputWidth(), g.channels(), y, yOffset, g.channels());
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
    fold(row(g, outputRow, fold, x, xOffset, weights, y, yOffset), 0, parameters);
  }

  private static WindowKernels.Row row(
      ConvGeometry g,
      int outputRow,
      WindowFold fold,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      MemorySegment y,
      long yOffset) {
    long image = (long) g.inputSize() * g.channels() * fold.elementBytes();
    long pixel = (long) g.channels() * Float.BYTES;
    return new WindowKernels.Row(
        WindowRow.of(g, outputRow),
        fold,
        Addresses.of(x, xOffset * fold.elementBytes(), image),
        Addresses.of(weights, 0, pixel * g.kernelHeight() * g.kernelWidth()),
        Addresses.of(y, yOffset * Float.BYTES, g.outputWidth() * pixel));
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
