package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/** Reductions and normalisations along contiguous rows; other axes are left to the scalar loops. */
final class VectorReduce implements Reduce {

  private final Reduce scalar;

  VectorReduce(Reduce scalar) {
    this.scalar = scalar;
  }

  @Override
  public void reduce(
      Kind kind, Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    boolean isSum =
        switch (kind) {
          case SUM, MEAN, SUM_SQUARE, L2 -> true;
          case MAX, MIN, PRODUCT, L1, LOG_SUM, LOG_SUM_EXP -> false;
        };
    if (e.inner() != 1 || !isSum) {
      scalar.reduce(kind, e, x, xOffset, y, yOffset);
      return;
    }
    for (int row = 0; row < e.outer(); row++) {
      long start = (xOffset + (long) row * e.length()) * Float.BYTES;
      float value =
          switch (kind) {
            case SUM -> sum(x, start, e.length());
            case MEAN -> sum(x, start, e.length()) / e.length();
            case SUM_SQUARE -> sumOfSquares(x, start, 0, e.length());
            case L2 -> (float) Math.sqrt(sumOfSquares(x, start, 0, e.length()));
            case MAX, MIN, PRODUCT, L1, LOG_SUM, LOG_SUM_EXP ->
                throw new AssertionError("reduced by the scalar loops");
          };
      y.set(Lanes.FLOAT, (yOffset + row) * Float.BYTES, value);
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
      divide(y, to, sum(y, to, e.length()), e.length());
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
      float mean = sum(x, from, length) / length;
      float variance = sumOfSquares(x, from, mean, length) / length;
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
      float square = sumOfSquares(x, from, 0, length) / length;
      normalise(x, from, 0, (float) (1 / Math.sqrt(square + epsilon)), y, to, length);
      multiply(y, to, gamma, length);
    }
  }

  /** Element i goes to partial sum i % 16, held in one, two or four vectors. */
  private static float sum(MemorySegment x, long start, int count) {
    FloatVector s0 = Lanes.all(0);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < count; i += PartialSums.VECTORS * Lanes.COUNT) {
      s0 = s0.add(part(x, start, i, count));
      if (PartialSums.VECTORS >= 2) {
        s1 = s1.add(part(x, start, i + Lanes.COUNT, count));
      }
      if (PartialSums.VECTORS >= 4) {
        s2 = s2.add(part(x, start, i + 2 * Lanes.COUNT, count));
        s3 = s3.add(part(x, start, i + 3 * Lanes.COUNT, count));
      }
    }
    return combine(s0, s1, s2, s3);
  }

  /** The sum of (x - centre)^2, in the same order. */
  private static float sumOfSquares(MemorySegment x, long start, float centre, int count) {
    FloatVector s0 = Lanes.all(0);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < count; i += PartialSums.VECTORS * Lanes.COUNT) {
      s0 = s0.add(square(x, start, i, centre, count));
      if (PartialSums.VECTORS >= 2) {
        s1 = s1.add(square(x, start, i + Lanes.COUNT, centre, count));
      }
      if (PartialSums.VECTORS >= 4) {
        s2 = s2.add(square(x, start, i + 2 * Lanes.COUNT, centre, count));
        s3 = s3.add(square(x, start, i + 3 * Lanes.COUNT, centre, count));
      }
    }
    return combine(s0, s1, s2, s3);
  }

  private static float combine(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    if (PartialSums.VECTORS == 4) {
      return PartialSums.combine(s0.add(s2).add(s1.add(s3)));
    }
    return PartialSums.combine(PartialSums.VECTORS == 2 ? s0.add(s1) : s0);
  }

  private static FloatVector part(MemorySegment x, long start, int i, int count) {
    long at = start + (long) i * Float.BYTES;
    if (i <= count - Lanes.COUNT) {
      return Lanes.load(x, at);
    }
    return i < count ? Lanes.load(x, at, Lanes.tail(i, count)) : Lanes.all(0);
  }

  private static FloatVector square(MemorySegment x, long start, int i, float centre, int count) {
    FloatVector difference = part(x, start, i, count).sub(centre);
    FloatVector squared = difference.mul(difference);
    return i <= count - Lanes.COUNT
        ? squared
        : Lanes.all(0).blend(squared, Lanes.tail(Math.min(i, count), count));
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
