package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;

/** Sums of columns, divided by a number: windows as high as the image, which is one column wide. */
final class ColumnMeans {

  /** Sums run over one element after the other, which is exact enough for so many. */
  private static final int MOST_ROWS = 4096;

  private final WindowKernels kernels;

  ColumnMeans(WindowKernels kernels) {
    this.kernels = kernels;
  }

  static boolean takes(Reduce.Extent extent) {
    return extent.length() > 0
        && extent.length() <= MOST_ROWS
        && WindowKernels.takes(geometry(extent));
  }

  private static ConvGeometry geometry(Reduce.Extent extent) {
    int channels = extent.inner();
    int height = extent.length();
    return new ConvGeometry(
        channels, height, 1, channels, channels, height, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1);
  }

  /**
   * y = sums of x over length / divisor.
   *
   * @param x float [outer, length, inner] from element {@code xOffset} on
   * @param y float [outer, inner] from element {@code yOffset} on
   */
  void run(
      Reduce.Extent extent,
      float divisor,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    ConvGeometry geometry = geometry(extent);
    WindowRow window = WindowRow.of(geometry, 0);
    long imageBytes = (long) extent.length() * extent.inner() * Float.BYTES;
    long rowBytes = (long) extent.inner() * Float.BYTES;
    long from = Addresses.of(x, xOffset * Float.BYTES, extent.outer() * imageBytes);
    long to = Addresses.of(y, yOffset * Float.BYTES, extent.outer() * rowBytes);
    Parameters parameters = Parameters.ofThread();
    for (int i = 0; i < extent.outer(); i++) {
      WindowKernels.Row row =
          new WindowKernels.Row(
              window, WindowFold.MEAN, from + i * imageBytes, 0, to + i * rowBytes);
      parameters.set(WindowSlots.NUMBER, divisor, 0);
      kernels.run(row, 0, 1, 0, parameters);
    }
  }
}
