package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;

/** Pooling as emitted code; that of few channels elsewhere. */
final class JitPool implements Pool {

  private final WindowKernels kernels;
  private final Others others;

  /**
   * Kernels for pooling.
   *
   * @param others takes over what is not emitted
   */
  JitPool(WindowKernels kernels, Others others) {
    this.kernels = kernels;
    this.others = others;
  }

  @Override
  public void max(ConvGeometry g, int from, int to, MemorySegment x, MemorySegment y) {
    if (!WindowKernels.takes(g)) {
      others.kernels().pool().max(g, from, to, x, y);
      return;
    }
    for (int row = from; row < to; row++) {
      fold(row(g, row, WindowFold.MAXIMUM, x, y), false);
    }
  }

  @Override
  public void average(
      ConvGeometry g, boolean countPadding, int from, int to, MemorySegment x, MemorySegment y) {
    if (!WindowKernels.takes(g)) {
      others.kernels().pool().average(g, countPadding, from, to, x, y);
      return;
    }
    for (int row = from; row < to; row++) {
      fold(row(g, row, WindowFold.MEAN, x, y), countPadding);
    }
  }

  /** A row of outputs, counted over all images. */
  private static WindowKernels.Row row(
      ConvGeometry g, int row, WindowFold fold, MemorySegment x, MemorySegment y) {
    long imageBytes = (long) g.inputSize() * g.channels() * Float.BYTES;
    long rowBytes = (long) g.outputWidth() * g.channels() * Float.BYTES;
    return new WindowKernels.Row(
        WindowRow.of(g, row % g.outputHeight()),
        fold,
        Addresses.of(x, row / g.outputHeight() * imageBytes, imageBytes),
        0,
        Addresses.of(y, row * rowBytes, rowBytes));
  }

  private void fold(WindowKernels.Row row, boolean countPadding) {
    Parameters parameters = Parameters.ofThread();
    WindowRow window = row.window();
    int column = 0;
    while (column < window.geometry().outputWidth()) {
      // Columns that are alike lie inside the image, so that their windows are of one size.
      int count = WindowKernels.alike(window, column);
      parameters.set(WindowSlots.NUMBER, window.size(column, countPadding), 0);
      kernels.run(row, column, count, 0, parameters);
      column += count;
    }
  }
}
