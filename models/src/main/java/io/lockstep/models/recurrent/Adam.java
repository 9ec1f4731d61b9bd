package io.lockstep.models.recurrent;

/** Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1. */
final class Adam {
  // The paper's recommended constants.
  private static final double MEAN_DECAY = 0.9;
  private static final double SQUARE_DECAY = 0.999;
  private static final double EPSILON = 1e-8;

  private final double[] means; // running means of the gradient
  private final double[] squares; // running means of its square
  private double meanWeight = 1; // MEAN_DECAY to the power of steps done
  private double squareWeight = 1;

  Adam(int parameters) {
    this.means = new double[parameters];
    this.squares = new double[parameters];
  }

  /** Moves the parameters against the gradient. */
  void step(double[] parameters, double[] gradient, double rate) {
    meanWeight *= MEAN_DECAY;
    squareWeight *= SQUARE_DECAY;
    for (int i = 0; i < parameters.length; i++) {
      means[i] = MEAN_DECAY * means[i] + (1 - MEAN_DECAY) * gradient[i];
      squares[i] = SQUARE_DECAY * squares[i] + (1 - SQUARE_DECAY) * gradient[i] * gradient[i];
      double mean = means[i] / (1 - meanWeight);
      double square = squares[i] / (1 - squareWeight);
      parameters[i] -= rate * mean / (Math.sqrt(square) + EPSILON);
    }
  }
}
