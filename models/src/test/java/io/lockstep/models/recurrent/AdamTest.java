package io.lockstep.models.recurrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class AdamTest {
  @Test
  void theFirstStepIsTheRateWhateverTheGradientsLength() {
    double[] parameters = {1, 1, 1};
    new Adam(3).step(parameters, new double[] {1000, -0.001, 0}, 0.1);
    assertArrayEquals(new double[] {0.9, 1.1, 1}, parameters, 1e-5);
  }

  @Test
  void findsTheLowestPointOfABowl() {
    double[] parameters = {5, -3};
    var adam = new Adam(2);
    for (int i = 0; i < 4000; i++) {
      double[] gradient = {2 * (parameters[0] - 1), 20 * (parameters[1] - 2)};
      adam.step(parameters, gradient, 0.02);
    }
    assertEquals(1, parameters[0], 1e-3);
    assertEquals(2, parameters[1], 1e-3);
  }
}
