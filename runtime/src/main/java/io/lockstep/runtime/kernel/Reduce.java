package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reductions and normalisations of floats over the middle axis of [outer, length, inner].
 *
 * <p>Sums take elements in an order that does not depend on their number: one after the other, or
 * element i in partial sum {@code i % 16} and the partial sums in a fixed order. So appending zeros
 * (or, for a softmax, elements whose exponential is zero) does not change a result. Outputs may be
 * the very memory of the input. Offsets count elements.
 */
public interface Reduce {

  /** What a reduction makes of the elements along the axis. */
  enum Kind {
    SUM,
    MEAN,
    MAX,
    MIN,
    PRODUCT,
    SUM_SQUARE,
    L1,
    L2,
    LOG_SUM,
    LOG_SUM_EXP
  }

  /** The part of a tensor [outer, length, inner] that one call works on. */
  record Extent(int outer, int length, int inner) {}

  /** y[outer, inner] = kind of x[outer, length, inner] over length. */
  void reduce(
      Kind kind, Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset);

  /** y = exp(x - max) / sum(exp(x - max)) over length; the sum is taken in float. */
  void softmax(Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset);

  /** y = x - max - log(sum(exp(x - max))) over length. */
  void logSoftmax(Extent extent, MemorySegment x, long xOffset, MemorySegment y, long yOffset);

  /**
   * y = (x - mean) / sqrt(variance + epsilon) gamma + beta over rows of {@code length}; the
   * variance is the mean of the squared deviations.
   *
   * @param gamma float [length], or null for ones
   * @param beta float [length], or null for zeros
   */
  void layerNorm(
      int rows,
      int length,
      float epsilon,
      @Nullable MemorySegment gamma,
      @Nullable MemorySegment beta,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset);

  /** y = x / sqrt(mean(x^2) + epsilon) gamma over rows of {@code length}. */
  void rmsNorm(
      int rows,
      int length,
      float epsilon,
      MemorySegment gamma,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset);
}
