package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Reductions, and normalisations along contiguous rows; the rarer ones are left to the scalar
 * loops.
 */
final class VectorReduce implements Reduce {

  private final Reduce scalar;

  VectorReduce(Reduce scalar) {
    this.scalar = scalar;
  }

  @Override
  public void reduce(
      Kind kind, Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    switch (kind) {
      case PRODUCT, LOG_SUM, LOG_SUM_EXP -> scalar.reduce(kind, e, x, xOffset, y, yOffset);
      case SUM, MEAN, SUM_SQUARE, L1, L2, MAX, MIN -> {
        long from = xOffset * Float.BYTES;
        long to = yOffset * Float.BYTES;
        for (int outer = 0; outer < e.outer(); outer++) {
          if (e.inner() == 1) {
            y.set(Lanes.FLOAT, to, reduceRow(kind, x, from, e.length()));
          } else {
            reduceColumns(kind, e, x, from, y, to);
          }
          from += (long) e.length() * e.inner() * Float.BYTES;
          to += (long) e.inner() * Float.BYTES;
        }
      }
    }
  }

  private static float reduceRow(Kind kind, MemorySegment x, long from, int count) {
    return switch (kind) {
      case SUM -> RowSums.sum(x, from, count);
      case MEAN -> RowSums.sum(x, from, count) / count;
      case SUM_SQUARE -> RowSums.sumOfSquares(x, from, 0, count);
      case L1 -> RowSums.sumOfMagnitudes(x, from, count);
      case L2 -> (float) Math.sqrt(RowSums.sumOfSquares(x, from, 0, count));
      case MAX -> max(x, from, count);
      case MIN -> min(x, from, count);
      case PRODUCT, LOG_SUM, LOG_SUM_EXP -> throw new AssertionError("left to the scalar loops");
    };
  }

  private static void reduceColumns(
      Kind kind, Extent e, MemorySegment x, long from, MemorySegment y, long to) {
    switch (kind) {
      case SUM, MEAN -> ColumnReductions.sum(x, from, e.length(), e.inner(), y, to);
      case SUM_SQUARE, L2 -> ColumnReductions.sumOfSquares(x, from, e.length(), e.inner(), y, to);
      case L1 -> ColumnReductions.sumOfMagnitudes(x, from, e.length(), e.inner(), y, to);
      case MAX -> ColumnReductions.max(x, from, e.length(), e.inner(), y, to);
      case MIN -> ColumnReductions.min(x, from, e.length(), e.inner(), y, to);
      case PRODUCT, LOG_SUM, LOG_SUM_EXP -> throw new AssertionError("left to the scalar loops");
    }
    if (kind == Kind.MEAN) {
      divide(y, to, e.length(), e.inner());
    } else if (kind == Kind.L2) {
      squareRoots(y, to, e.inner());
    }
  }

  @Override
  public void softmax(Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    if (e.inner() != 1) {
      scalar.softmax(e, x, xOffset, y, yOffset);
      return;
    }
    for (int row = 0; row < e.outer(); row++) {
      long from = (xOffset + (long) row * e.length()) * Float.BYTES;
      long to = (yOffset + (long) row * e.length()) * Float.BYTES;
      exponentials(x, from, max(x, from, e.length()), y, to, e.length());
      divide(y, to, RowSums.sum(y, to, e.length()), e.length());
    }
  }

  @Override
  public void logSoftmax(Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    scalar.logSoftmax(e, x, xOffset, y, yOffset);
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
    for (int row = 0; row < rows; row++) {
      long from = (xOffset + (long) row * length) * Float.BYTES;
      long to = (yOffset + (long) row * length) * Float.BYTES;
      float mean = RowSums.sum(x, from, length) / length;
      float variance = RowSums.sumOfSquares(x, from, mean, length) / length;
      float inverse = (float) (1 / Math.sqrt(variance + epsilon));
      normalise(x, from, mean, inverse, y, to, length);
      if (gamma != null) {
        multiply(y, to, gamma, length);
      }
      if (beta != null) {
        add(y, to, beta, length);
      }
    }
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
    for (int row = 0; row < rows; row++) {
      long from = (xOffset + (long) row * length) * Float.BYTES;
      long to = (yOffset + (long) row * length) * Float.BYTES;
      float square = RowSums.sumOfSquares(x, from, 0, length) / length;
      normalise(x, from, 0, (float) (1 / Math.sqrt(square + epsilon)), y, to, length);
      multiply(y, to, gamma, length);
    }
  }

  private static float max(MemorySegment x, long start, int count) {
    FloatVector max = Lanes.all(Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      max = max.max(Lanes.load(x, start + (long) i * Float.BYTES));
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, start + (long) i * Float.BYTES, rest);
      max = max.lanewise(VectorOperators.MAX, v, rest);
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static float min(MemorySegment x, long start, int count) {
    FloatVector min = Lanes.all(Float.POSITIVE_INFINITY);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      min = min.min(Lanes.load(x, start + (long) i * Float.BYTES));
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, start + (long) i * Float.BYTES, rest);
      min = min.lanewise(VectorOperators.MIN, v, rest);
    }
    return min.reduceLanes(VectorOperators.MIN);
  }

  private static void exponentials(
      MemorySegment x, long from, float max, MemorySegment y, long to, int count) {
    int rest = count % Lanes.COUNT;
    int whole = count - rest;
    VectorMath.exp(x, from, max, y, to, whole);
    if (rest > 0) {
      MemorySegment scratch = ThreadScratch.get();
      long at = (long) whole * Float.BYTES;
      MemorySegment.copy(x, from + at, scratch, 0, (long) rest * Float.BYTES);
      VectorMath.exp(scratch, 0, max, scratch, 0, Lanes.COUNT);
      MemorySegment.copy(scratch, 0, y, to + at, (long) rest * Float.BYTES);
    }
  }

  private static void divide(MemorySegment y, long to, float divisor, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = to + (long) i * Float.BYTES;
      Lanes.store(Lanes.load(y, at).div(divisor), y, at);
    }
    if (i < count) {
      long at = to + (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      Lanes.store(Lanes.load(y, at, rest).div(divisor), y, at, rest);
    }
  }

  private static void squareRoots(MemorySegment y, long to, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = to + (long) i * Float.BYTES;
      Lanes.store(Lanes.load(y, at).sqrt(), y, at);
    }
    if (i < count) {
      long at = to + (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      Lanes.store(Lanes.load(y, at, rest).sqrt(), y, at, rest);
    }
  }

  private static void normalise(
      MemorySegment x, long from, float mean, float inverse, MemorySegment y, long to, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = (long) i * Float.BYTES;
      Lanes.store(Lanes.load(x, from + at).sub(mean).mul(inverse), y, to + at);
    }
    if (i < count) {
      long at = (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      Lanes.store(Lanes.load(x, from + at, rest).sub(mean).mul(inverse), y, to + at, rest);
    }
  }

  private static void multiply(MemorySegment y, long to, MemorySegment factor, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = (long) i * Float.BYTES;
      Lanes.store(Lanes.load(y, to + at).mul(Lanes.load(factor, at)), y, to + at);
    }
    if (i < count) {
      long at = (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector product = Lanes.load(y, to + at, rest).mul(Lanes.load(factor, at, rest));
      Lanes.store(product, y, to + at, rest);
    }
  }

  private static void add(MemorySegment y, long to, MemorySegment term, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = (long) i * Float.BYTES;
      Lanes.store(Lanes.load(y, to + at).add(Lanes.load(term, at)), y, to + at);
    }
    if (i < count) {
      long at = (long) i * Float.BYTES;
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector sum = Lanes.load(y, to + at, rest).add(Lanes.load(term, at, rest));
      Lanes.store(sum, y, to + at, rest);
    }
  }
}
