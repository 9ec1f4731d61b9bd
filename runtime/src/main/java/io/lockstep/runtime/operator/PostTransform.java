package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tensor.Tensor;
import java.util.List;

/** What ONNX-ML models do to the scores of a row at last. */
enum PostTransform {
  NONE,
  SOFTMAX,
  LOGISTIC,
  /** A softmax that leaves scores of zero at zero. */
  SOFTMAX_ZERO,
  PROBIT;

  /** By the number that TreeEnsemble 5 gives each. */
  static final List<PostTransform> CODES = List.of(values());

  static PostTransform of(String name) {
    for (PostTransform transform : values()) {
      if (transform.name().equals(name)) {
        return transform;
      }
    }
    throw new UnsupportedModelException("post_transform " + name + " is unknown");
  }

  /** Transforms {@code count} scores of a row in place. */
  void apply(Tensor scores, long first, int count) {
    switch (this) {
      case NONE -> {}
      case SOFTMAX, SOFTMAX_ZERO -> softmax(scores, first, count, this == SOFTMAX_ZERO);
      case LOGISTIC -> {
        for (long i = first; i < first + count; i++) {
          scores.setFromDouble(i, logistic(scores.asDouble(i)));
        }
      }
      case PROBIT -> {
        for (long i = first; i < first + count; i++) {
          scores.setFromDouble(i, probit(scores.asDouble(i)));
        }
      }
    }
  }

  private static void softmax(Tensor scores, long first, int count, boolean keepZeros) {
    double max = Double.NEGATIVE_INFINITY;
    for (long i = first; i < first + count; i++) {
      max = Math.max(max, scores.asDouble(i));
    }
    double sum = 0;
    for (long i = first; i < first + count; i++) {
      double score = scores.asDouble(i);
      boolean zero = keepZeros && Math.abs(score) <= 1e-7;
      double value = zero ? score * Math.exp(-max) : Math.exp(score - max);
      scores.setFromDouble(i, value);
      sum += value;
    }
    for (long i = first; i < first + count; i++) {
      scores.setFromDouble(i, scores.asDouble(i) / sum);
    }
  }

  static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /**
   * The inverse of the normal distribution's function, by Winitzki's approximation of the inverse
   * error function ("A handy approximation for the error function and its inverse", 2008), which
   * other runtimes use too.
   */
  static double probit(double p) {
    double a = 0.147;
    double x = 2 * p - 1;
    double log = Math.log((1 - x) * (1 + x));
    double half = 2 / (Math.PI * a) + 0.5 * log;
    double inverse = Math.sqrt(Math.sqrt(half * half - log / a) - half);
    return Math.sqrt(2) * (x < 0 ? -inverse : inverse);
  }
}
