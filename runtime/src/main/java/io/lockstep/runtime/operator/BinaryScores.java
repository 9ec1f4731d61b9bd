package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Tensor;

/**
 * Makes the two scores of a two-class model out of the one that it computes, s. The logistic
 * function is applied to -s and s, whatever s means.
 */
enum BinaryScores {
  /** (1 - s, s). */
  PROBABILITY,
  /** (-s, s). */
  MARGIN;

  /** Writes the scores of both classes. */
  void store(Tensor scores, long first, double score, PostTransform transform) {
    if (transform == PostTransform.PROBIT) {
      double probit = PostTransform.probit(score);
      scores.setFromDouble(first, 1 - probit);
      scores.setFromDouble(first + 1, probit);
      return;
    }
    if (transform == PostTransform.LOGISTIC) {
      scores.setFromDouble(first, PostTransform.logistic(-score));
      scores.setFromDouble(first + 1, PostTransform.logistic(score));
    } else if (this == PROBABILITY) {
      scores.setFromDouble(first, 1 - score);
      scores.setFromDouble(first + 1, score);
    } else {
      scores.setFromDouble(first, -score);
      scores.setFromDouble(first + 1, score);
    }
  }
}
