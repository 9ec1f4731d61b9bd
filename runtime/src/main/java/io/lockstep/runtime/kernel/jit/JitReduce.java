package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Softmax and normalisations of contiguous rows, and sums and means of columns, as emitted code;
 * other reductions elsewhere.
 */
final class JitReduce implements Reduce {

  private final Others others;
  private final ColumnMeans means;
  private final RowKernel softmax;

  /** For rows of 2, 4 and 8, several of which share a vector. */
  private final List<ElementLoop> shortSoftmax;

  private final RowKernel layerNorm;
  private final RowKernel rmsNorm;

  /**
   * Kernels for one instruction set.
   *
   * @param others takes over what is not emitted
   */
  JitReduce(Isa isa, Others others) {
    this.others = others;
    this.means = new ColumnMeans(isa);
    this.softmax = new RowKernel(new SoftmaxGenerator(isa));
    this.shortSoftmax =
        Stream.of(2, 4, 8).map(length -> new ElementLoop(isa, softmax(isa, length), 1)).toList();
    this.layerNorm = new RowKernel(new NormGenerator(isa, true));
    this.rmsNorm = new RowKernel(new NormGenerator(isa, false));
  }

  /** Sums are the tree that {@link RowGenerator#combine} makes of them where rows are longer. */
  private static Expression softmax(Isa isa, int length) {
    Expression x = new Expression.Input(0);
    Expression max = combined(Op.MAXPS, x, length);
    Expression e = new Functions(isa).exp(x.minus(max));
    return e.times(Expression.constant(1).over(combined(Op.ADDPS, e, length)));
  }

  private static Expression combined(Op op, Expression x, int length) {
    Expression all = x;
    for (int distance = length / 2; distance > 0; distance /= 2) {
      all = new Expression.Binary(op, all, new Expression.Swap(all, distance));
    }
    return all;
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
    int shortRow = List.of(2, 4, 8).indexOf(extent.length());
    if (shortRow >= 0) {
      shortSoftmax
          .get(shortRow)
          .run(
              0,
              0,
              (long) extent.outer() * extent.length(),
              Addresses.of(y, yOffset * Float.BYTES, bytes),
              Addresses.of(x, xOffset * Float.BYTES, bytes));
      return;
    }
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
