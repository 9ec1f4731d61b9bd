package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Softmax and normalisations of contiguous rows, and sums and means of columns, as emitted code;
 * other reductions elsewhere.
 */
final class JitReduce implements Reduce {

  private final Others others;
  private final ColumnMeans means;
  private final RowKernel softmax;
  private final RowKernel layerNorm;
  private final RowKernel rmsNorm;

  /**
   * Kernels for one instruction set.
   *
   * @param others takes over what is not emitted
   */
  JitReduce(Isa isa, WindowKernels windows, Others others) {
    this.others = others;
    this.means = new ColumnMeans(windows);
    this.softmax = new RowKernel(new SoftmaxGenerator(isa));
    this.layerNorm = new RowKernel(new NormGenerator(isa, true));
    this.rmsNorm = new RowKernel(new NormGenerator(isa, false));
  }

  @Override
  public void reduce(
      Kind kind, Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    boolean isMean = kind == Kind.MEAN;
    if ((!isMean && kind != Kind.SUM) || !ColumnMeans.takes(extent)) {
      others.kernels().reduce().reduce(kind, extent, x, xOffset, y, yOffset);
      return;
    }
    means.run(extent, isMean ? extent.length() : 1, x, xOffset, y, yOffset);
  }

  @Override
  public void softmax(Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    if (extent.inner() != 1) {
      others.kernels().reduce().softmax(extent, x, xOffset, y, yOffset);
      return;
    }
    long bytes = (long) extent.outer() * extent.length() * Float.BYTES;
    softmax.run(
        extent.outer(),
        extent.length(),
        Float.NEGATIVE_INFINITY,
        1,
        0,
        0,
        Addresses.of(x, xOffset * Float.BYTES, bytes),
        Addresses.of(y, yOffset * Float.BYTES, bytes));
  }

  @Override
  public void logSoftmax(
      Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    others.kernels().reduce().logSoftmax(extent, x, xOffset, y, yOffset);
  }

  @Override
  public void layerNorm(
      int rows,
      int length,
      float epsilon,
      @Nullable MemorySegment gamma,
      @Nullable MemorySegment beta,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    norm(layerNorm, rows, length, epsilon, gamma, beta, x, xOffset, y, yOffset);
  }

  @Override
  public void rmsNorm(
      int rows,
      int length,
      float epsilon,
      MemorySegment gamma,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    norm(rmsNorm, rows, length, epsilon, gamma, null, x, xOffset, y, yOffset);
  }

  private static void norm(
      RowKernel kernel,
      int rows,
      int length,
      float epsilon,
      @Nullable MemorySegment gamma,
      @Nullable MemorySegment beta,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset) {
    long rowBytes = (long) length * Float.BYTES;
    kernel.run(
        rows,
        length,
        1f / length,
        epsilon,
        Addresses.orZero(gamma, 0, rowBytes),
        Addresses.orZero(beta, 0, rowBytes),
        Addresses.of(x, xOffset * Float.BYTES, rows * rowBytes),
        Addresses.of(y, yOffset * Float.BYTES, rows * rowBytes));
  }
}
