package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.Tensor;
import java.util.Locale;

/** The support vectors of a machine, and the kernel that compares a row with them. */
final class SupportVectors {

  /** How two vectors are compared; u.v is their dot product. */
  private enum Kernel {
    /** u.v */
    LINEAR,
    /** (gamma u.v + coef0)^degree */
    POLY,
    /** exp(-gamma |u - v|^2) */
    RBF,
    /** tanh(gamma u.v + coef0) */
    SIGMOID
  }

  private final Kernel kernel;
  private final double gamma;
  private final double coef0;
  private final double degree;
  private final float[] vectors; // [count, features]
  private final float[] coefficients;
  private final float[] rho;

  private SupportVectors(
      Kernel kernel, float[] parameters, float[] vectors, float[] coefficients, float[] rho) {
    this.kernel = kernel;
    this.gamma = parameters.length > 0 ? parameters[0] : 0;
    this.coef0 = parameters.length > 1 ? parameters[1] : 0;
    this.degree = parameters.length > 2 ? parameters[2] : 0;
    this.vectors = vectors;
    this.coefficients = coefficients;
    this.rho = rho;
  }

  static SupportVectors of(NodeAttributes attributes) {
    String name = attributes.stringOr("kernel_type", "LINEAR").toUpperCase(Locale.ROOT);
    Kernel kernel =
        switch (name) {
          case "LINEAR" -> Kernel.LINEAR;
          case "POLY" -> Kernel.POLY;
          case "RBF" -> Kernel.RBF;
          case "SIGMOID" -> Kernel.SIGMOID;
          default -> throw new UnsupportedModelException("kernel_type " + name + " is unknown");
        };
    return new SupportVectors(
        kernel,
        attributes.floats("kernel_params"),
        attributes.floats("support_vectors"),
        attributes.floats("coefficients"),
        attributes.floats("rho"));
  }

  int vectorElements() {
    return vectors.length;
  }

  int coefficientCount() {
    return coefficients.length;
  }

  double coefficient(int index) {
    return coefficients[index];
  }

  double rho(int index) {
    return rho[index];
  }

  int rhoCount() {
    return rho.length;
  }

  /** Compares the row of x beginning at element {@code row} with a support vector. */
  double compare(Tensor x, long row, int features, int vector) {
    return compare(x, row, features, vectors, vector * features);
  }

  /** Compares a row with the coefficients themselves, as a linear machine does. */
  double compareCoefficients(Tensor x, long row, int features, int index) {
    return compare(x, row, features, coefficients, index * features);
  }

  private double compare(Tensor x, long row, int features, float[] other, int first) {
    double sum = 0;
    for (int i = 0; i < features; i++) {
      double a = x.asDouble(row + i);
      double b = other[first + i];
      sum += kernel == Kernel.RBF ? (a - b) * (a - b) : a * b;
    }
    return switch (kernel) {
      case LINEAR -> sum;
      case POLY -> Math.pow(gamma * sum + coef0, degree);
      case RBF -> Math.exp(-gamma * sum);
      case SIGMOID -> Math.tanh(gamma * sum + coef0);
    };
  }
}
