package io.lockstep.runtime.kernel.scalar;

import static io.lockstep.runtime.kernel.scalar.Floats.get;
import static io.lockstep.runtime.kernel.scalar.Floats.set;

import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reductions and normalisations, one result after the other. */
final class ScalarReduce implements Reduce {

  @Override
  public void reduce(
      Kind kind, Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    for (int outer = 0; outer < e.outer(); outer++) {
      for (int inner = 0; inner < e.inner(); inner++) {
        long start = xOffset + (long) outer * e.length() * e.inner() + inner;
        float value = reduceOne(kind, x, start, e.length(), e.inner());
        set(y, yOffset + (long) outer * e.inner() + inner, value);
      }
    }
  }

  private static float reduceOne(Kind kind, MemorySegment x, long start, int length, int stride) {
    return switch (kind) {
      case SUM -> sum(x, start, length, stride, v -> v);
      case MEAN -> sum(x, start, length, stride, v -> v) / length;
      case SUM_SQUARE -> sum(x, start, length, stride, v -> (float) v * (float) v);
      case L1 -> sum(x, start, length, stride, Math::abs);
      case L2 -> (float) Math.sqrt(sum(x, start, length, stride, v -> (float) v * (float) v));
      case LOG_SUM -> (float) Math.log(sum(x, start, length, stride, v -> v));
      case LOG_SUM_EXP -> logSumExp(x, start, length, stride);
      case PRODUCT -> product(x, start, length, stride);
      case MAX -> max(x, start, length, stride);
      case MIN -> {
        float min = Float.POSITIVE_INFINITY;
        for (int i = 0; i < length; i++) {
          min = Math.min(min, get(x, start + (long) i * stride));
        }
        yield min;
      }
    };
  }

  private static float max(MemorySegment x, long start, int length, int stride) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, get(x, start + (long) i * stride));
    }
    return max;
  }

  private static float product(MemorySegment x, long start, int length, int stride) {
    float product = 1;
    for (int i = 0; i < length; i++) {
      product *= get(x, start + (long) i * stride);
    }
    return product;
  }

  private static float logSumExp(MemorySegment x, long start, int length, int stride) {
    float max = max(x, start, length, stride);
    if (Float.isInfinite(max)) {
      return max;
    }
    return (float) (max + Math.log(sum(x, start, length, stride, v -> Math.exp(v - max))));
  }

  /** Element i goes to partial sum i % 16; the partial sums are added as a balanced tree. */
  private static float sum(
      MemorySegment x, long start, int length, int stride, DoubleUnaryOperator function) {
    float[] partial = new float[16];
    for (int i = 0; i < length; i++) {
      partial[i % 16] += (float) function.applyAsDouble(get(x, start + (long) i * stride));
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        partial[i] += partial[i + half];
      }
    }
    return partial[0];
  }

  @Override
  public void softmax(Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    forEachRow(
        e,
        (start, stride) -> {
          float max = max(x, xOffset + start, e.length(), stride);
          for (int i = 0; i < e.length(); i++) {
            long at = start + (long) i * stride;
            set(y, yOffset + at, (float) Math.exp(get(x, xOffset + at) - max));
          }
          float sum = sum(y, yOffset + start, e.length(), stride, v -> v);
          for (int i = 0; i < e.length(); i++) {
            long at = yOffset + start + (long) i * stride;
            set(y, at, get(y, at) / sum);
          }
        });
  }

  @Override
  public void logSoftmax(Extent e, MemorySegment x, long xOffset, MemorySegment y, long yOffset) {
    forEachRow(
        e,
        (start, stride) -> {
          float max = max(x, xOffset + start, e.length(), stride);
          double sum = sum(x, xOffset + start, e.length(), stride, v -> Math.exp(v - max));
          float log = (float) Math.log(sum);
          for (int i = 0; i < e.length(); i++) {
            long at = start + (long) i * stride;
            set(y, yOffset + at, get(x, xOffset + at) - max - log);
          }
        });
  }

  @FunctionalInterface
  private interface Row {
    void at(long start, int stride);
  }

  private static void forEachRow(Extent e, Row row) {
    for (int outer = 0; outer < e.outer(); outer++) {
      for (int inner = 0; inner < e.inner(); inner++) {
        row.at((long) outer * e.length() * e.inner() + inner, e.inner());
      }
    }
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
      long at = (long) row * length;
      float mean = sum(x, xOffset + at, length, 1, v -> v) / length;
      float variance =
          sum(x, xOffset + at, length, 1, v -> ((float) v - mean) * ((float) v - mean)) / length;
      float inverse = (float) (1 / Math.sqrt(variance + epsilon));
      for (int i = 0; i < length; i++) {
        float value = (get(x, xOffset + at + i) - mean) * inverse;
        float scaled = gamma == null ? value : value * get(gamma, i);
        set(y, yOffset + at + i, beta == null ? scaled : scaled + get(beta, i));
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
      long at = (long) row * length;
      float square = sum(x, xOffset + at, length, 1, v -> (float) v * (float) v) / length;
      float inverse = (float) (1 / Math.sqrt(square + epsilon));
      for (int i = 0; i < length; i++) {
        set(y, yOffset + at + i, get(x, xOffset + at + i) * inverse * get(gamma, i));
      }
    }
  }
}
