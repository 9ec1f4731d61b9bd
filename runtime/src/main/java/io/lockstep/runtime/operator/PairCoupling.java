package io.lockstep.runtime.operator;

import java.util.Arrays;
import java.util.List;

/**
 * Class probabilities from the probabilities of pairs: the second method of Wu, Lin and Weng,
 * "Probability Estimates for Multi-class Classification by Pairwise Coupling" (2004), algorithm 2.
 */
final class PairCoupling {

  /** Pairs are never quite certain, as in libsvm. */
  private static final double LEAST = 1e-7;

  private PairCoupling() {}

  /**
   * The probability of each class.
   *
   * @param decisions one value for each pair i < j
   * @param slopes of the pairs' logistic functions
   * @param offsets of the pairs' logistic functions
   */
  static double[] probabilities(
      int classes, double[] decisions, List<Float> slopes, List<Float> offsets) {
    double[][] pairwise = new double[classes][classes];
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        double logit = decisions[pair] * slopes.get(pair) + offsets.get(pair);
        pairwise[i][j] = Math.clamp(1 / (1 + Math.exp(logit)), LEAST, 1 - LEAST);
        pairwise[j][i] = 1 - pairwise[i][j];
        pair++;
      }
    }
    return couple(pairwise);
  }

  private static double[] couple(double[][] r) {
    int n = r.length;
    double[][] q = new double[n][n];
    for (int t = 0; t < n; t++) {
      for (int j = 0; j < n; j++) {
        if (j != t) {
          q[t][t] += r[j][t] * r[j][t];
          q[t][j] = -r[j][t] * r[t][j];
        }
      }
    }
    double[] p = new double[n];
    Arrays.fill(p, 1.0 / n);
    double[] qp = new double[n];
    double tolerance = 0.005 / n;
    for (int round = 0; round < Math.max(100, n); round++) {
      double pqp = 0;
      for (int t = 0; t < n; t++) {
        qp[t] = 0;
        for (int j = 0; j < n; j++) {
          qp[t] += q[t][j] * p[j];
        }
        pqp += p[t] * qp[t];
      }
      double error = 0;
      for (double value : qp) {
        error = Math.max(error, Math.abs(value - pqp));
      }
      if (error < tolerance) {
        break;
      }
      step(q, p, qp, pqp);
    }
    return p;
  }

  /** One sweep over the classes, each made optimal in turn while the sum stays 1. */
  private static void step(double[][] q, double[] p, double[] qp, double startPqp) {
    double pqp = startPqp;
    for (int t = 0; t < p.length; t++) {
      double change = (-qp[t] + pqp) / q[t][t];
      p[t] += change;
      double norm = 1 + change;
      pqp = (pqp + change * (change * q[t][t] + 2 * qp[t])) / (norm * norm);
      for (int j = 0; j < p.length; j++) {
        qp[j] = (qp[j] + change * q[t][j]) / norm;
        p[j] /= norm;
      }
    }
  }
}
