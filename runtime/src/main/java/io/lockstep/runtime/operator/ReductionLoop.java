package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;

/**
 * A reduction over any axes of numbers of any type: floats in double precision, integers exactly.
 */
final class ReductionLoop {

  private final Reduce.Kind kind;
  private final StridedWalk kept;
  private final StridedWalk reduced;

  ReductionLoop(Reduce.Kind kind, Shape x, boolean[] reducedAxes) {
    this.kind = kind;
    this.kept = StridedWalk.ofAxes(x, reducedAxes, false);
    this.reduced = StridedWalk.ofAxes(x, reducedAxes, true);
  }

  PreparedOperator prepare() {
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                kept.count(),
                Chunks.grainRows(reduced.count()),
                (from, to) -> {
                  for (int i = from; i < to; i++) {
                    one(in[0], kept.offset(i), out[0], i);
                  }
                });
  }

  private void one(Tensor x, long first, Tensor y, long at) {
    if (x.dtype().isFloat()) {
      y.setFromDouble(at, real(x, first));
      return;
    }
    switch (kind) {
      case SUM, MEAN, MAX, MIN, PRODUCT, SUM_SQUARE, L1 -> y.setFromLong(at, integer(x, first));
      case L2, LOG_SUM, LOG_SUM_EXP -> y.setFromDouble(at, real(x, first));
    }
  }

  private double real(Tensor x, long first) {
    double shift = kind == Reduce.Kind.LOG_SUM_EXP ? finiteMax(x, first) : 0;
    double result = startReal();
    for (int i = 0; i < reduced.count(); i++) {
      double value = x.asDouble(first + reduced.offset(i));
      result =
          switch (kind) {
            case SUM, MEAN, LOG_SUM -> result + value;
            case MAX -> Math.max(result, value);
            case MIN -> Math.min(result, value);
            case PRODUCT -> result * value;
            case SUM_SQUARE, L2 -> result + value * value;
            case L1 -> result + Math.abs(value);
            case LOG_SUM_EXP -> result + Math.exp(value - shift);
          };
    }
    return switch (kind) {
      case SUM, MAX, MIN, PRODUCT, SUM_SQUARE, L1 -> result;
      case MEAN -> result / reduced.count();
      case L2 -> Math.sqrt(result);
      case LOG_SUM -> Math.log(result);
      case LOG_SUM_EXP -> shift + Math.log(result);
    };
  }

  private double startReal() {
    return switch (kind) {
      case SUM, MEAN, LOG_SUM, SUM_SQUARE, L1, L2, LOG_SUM_EXP -> 0;
      case PRODUCT -> 1;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
  }

  private double finiteMax(Tensor x, long first) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < reduced.count(); i++) {
      max = Math.max(max, x.asDouble(first + reduced.offset(i)));
    }
    return Double.isInfinite(max) ? 0 : max;
  }

  private long integer(Tensor x, long first) {
    long result = startInteger(x.dtype());
    boolean unsigned = x.dtype() == DType.UINT64;
    for (int i = 0; i < reduced.count(); i++) {
      long value = x.asLong(first + reduced.offset(i));
      int order = unsigned ? Long.compareUnsigned(value, result) : Long.compare(value, result);
      result =
          switch (kind) {
            case SUM, MEAN -> result + value;
            case MAX -> order > 0 ? value : result;
            case MIN -> order < 0 ? value : result;
            case PRODUCT -> result * value;
            case SUM_SQUARE -> result + value * value;
            case L1 -> result + (unsigned ? value : Math.abs(value));
            case L2, LOG_SUM, LOG_SUM_EXP -> throw new IllegalStateException("real: " + kind);
          };
    }
    boolean divides = kind == Reduce.Kind.MEAN && reduced.count() > 0;
    return divides ? quotient(result, reduced.count(), unsigned) : result;
  }

  private static long quotient(long sum, int count, boolean unsigned) {
    return unsigned ? Long.divideUnsigned(sum, count) : sum / count;
  }

  /** What an empty set gives: for a maximum the smallest number that the type has. */
  private long startInteger(DType dtype) {
    return switch (kind) {
      case PRODUCT -> 1;
      case MAX -> dtype.isUnsigned() || dtype == DType.BOOL ? 0 : -1L << (8 * dtype.bytes() - 1);
      case MIN -> {
        int bits = 8 * dtype.bytes();
        if (dtype == DType.BOOL) {
          yield 1;
        }
        yield dtype.isUnsigned() ? -1L >>> (64 - bits) : (1L << (bits - 1)) - 1;
      }
      case SUM, MEAN, SUM_SQUARE, L1, L2, LOG_SUM, LOG_SUM_EXP -> 0;
    };
  }
}
