package io.lockstep.models.recurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class GruTest {
  @Test
  void followsTheOperatorsEquationsStepByStep() {
    // One input, one unit: W = z, r, h; R likewise; then input and recurrent biases.
    double[] parameters = {0.5, -0.4, 0.3, 0.2, 0.7, -0.6, 0.1, 0.2, 0.3, 0.05, -0.1, 0.4};
    double[] states = new Gru(1, 1).forward(parameters, new double[] {2, -1}).hidden();

    double first = state(parameters, 2, 0);
    assertEquals(0, states[0]);
    assertEquals(first, states[1], 1e-15);
    assertEquals(state(parameters, -1, first), states[2], 1e-15);
  }

  @Test
  void gradientsMatchFiniteDifferences() {
    var network = new ForecastNetwork(new Gru(2, 3), 2);
    var random = new Random(11);
    double[] parameters = gaussians(random, network.parameterCount(), 0.7);
    var window =
        new ForecastNetwork.Window(gaussians(random, 6 * 2, 1), gaussians(random, 6 + 2, 1), 2);
    double[] gradient = new double[parameters.length];
    network.loss(parameters, window, gradient);

    double step = 1e-5;
    for (int i = 0; i < parameters.length; i++) {
      double difference =
          lossAt(network, parameters, window, i, step)
              - lossAt(network, parameters, window, i, -step);
      assertEquals(difference / (2 * step), gradient[i], 1e-8, "parameter " + i);
    }
  }

  private static double lossAt(
      ForecastNetwork network,
      double[] parameters,
      ForecastNetwork.Window window,
      int index,
      double change) {
    double[] moved = parameters.clone();
    moved[index] += change;
    return network.loss(moved, window, new double[moved.length]);
  }

  private static double state(double[] p, double x, double h) {
    double z = 1 / (1 + Math.exp(-(p[0] * x + p[6] + p[3] * h + p[9])));
    double r = 1 / (1 + Math.exp(-(p[1] * x + p[7] + p[4] * h + p[10])));
    double n = Math.tanh(p[2] * x + p[8] + r * (p[5] * h + p[11]));
    return (1 - z) * n + z * h;
  }

  private static double[] gaussians(Random random, int count, double scale) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = scale * random.nextGaussian();
    }
    return values;
  }
}
