package io.lockstep.models.recurrent;

import java.util.Arrays;
import java.util.Random;

/**
 * Trains a network on random windows of a series with Adam.
 *
 * @param updates how often the parameters move
 * @param windowsPerUpdate whose gradients are averaged
 * @param steps hours of a window that the network sees
 * @param warmUp hours at a window's start whose answers do not count
 * @param rate Adam's step at the start; it falls to zero in a straight line
 */
record ForecastTraining(
    int updates, int windowsPerUpdate, int steps, int warmUp, double rate, long seed) {

  private static final double MAX_GRADIENT_NORM = 1;

  /** The parameters of a network trained on a series, [parameterCount]. */
  double[] train(ForecastNetwork network, DemandEncoding encoding, double[] demand) {
    var random = new Random(seed);
    double[] parameters = initialParameters(network, random);
    double[] gradient = new double[parameters.length];
    var adam = new Adam(parameters.length);
    int lastStart = demand.length - steps - network.horizon();
    for (int update = 0; update < updates; update++) {
      Arrays.fill(gradient, 0);
      for (int i = 0; i < windowsPerUpdate; i++) {
        int start = random.nextInt(lastStart + 1);
        network.loss(parameters, window(network, encoding, demand, start), gradient);
      }
      limitNorm(gradient);
      adam.step(parameters, gradient, rate * (updates - update) / updates);
    }
    return parameters;
  }

  /** Uniform within one over the root of the state's size, as is usual for recurrent layers. */
  private static double[] initialParameters(ForecastNetwork network, Random random) {
    double bound = 1 / Math.sqrt(network.gru().hidden());
    double[] parameters = new double[network.parameterCount()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = bound * (2 * random.nextDouble() - 1);
    }
    return parameters;
  }

  private ForecastNetwork.Window window(
      ForecastNetwork network, DemandEncoding encoding, double[] demand, int start) {
    double[] values = new double[steps + network.horizon()];
    for (int i = 0; i < values.length; i++) {
      values[i] = encoding.scaled(demand[start + i]);
    }
    double[] inputs = encoding.encode(DemandEncoding.history(demand, start, steps));
    return new ForecastNetwork.Window(inputs, values, warmUp);
  }

  /** Takes the mean over the windows, then shortens a gradient that is too long. */
  private void limitNorm(double[] gradient) {
    double squares = 0;
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= windowsPerUpdate;
      squares += gradient[i] * gradient[i];
    }
    double norm = Math.sqrt(squares);
    if (norm > MAX_GRADIENT_NORM) {
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= MAX_GRADIENT_NORM / norm;
      }
    }
  }
}
