package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;

/** Depthwise convolutions as emitted code; those of few channels elsewhere. */
final class JitDepthwise implements Depthwise {

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
  JitDepthwise(WindowKernels kernels, boolean storesBytes, TileEpilogue epilogues, Others others) {
    this.kernels = kernels;
    this.storesBytes = storesBytes;
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

  @Override
  public boolean requantizes(ConvGeometry g) {
    return storesBytes && WindowKernels.takes(g) && g.channels() >= Isa.AVX512.lanes();
  }

  @Override
  public void rowQ8(
      ConvGeometry g,
      int outputRow,
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
    TileEpilogue.set(parameters, requantization);
    parameters.set(TileSlots.BIAS, Addresses.orZero(requantization.bias(), 0, words));
    parameters.set(TileSlots.MULTIPLIERS, Addresses.of(requantization.multipliers(), 0, words));
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
    long result = (long) g.channels() * fold.resultBytes();
    return new WindowKernels.Row(
        WindowRow.of(g, outputRow),
        fold,
        Addresses.of(x, xOffset * fold.elementBytes(), image),
        Addresses.of(weights, 0, pixel * g.kernelHeight() * g.kernelWidth()),
        Addresses.of(y, yOffset * fold.resultBytes(), g.outputWidth() * result));
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
