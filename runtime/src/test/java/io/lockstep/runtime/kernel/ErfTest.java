package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ErfTest {

  /** Values of Abramowitz and Stegun, table 7.1. */
  @Test
  void matchesTheTables() {
    assertEquals(0.1124629160, Erf.erf(0.1), 1e-10);
    assertEquals(0.5204998778, Erf.erf(0.5), 1e-10);
    assertEquals(0.8427007929, Erf.erf(1), 1e-10);
    assertEquals(0.9661051465, Erf.erf(1.5), 1e-10);
    assertEquals(-0.9953222650, Erf.erf(-2), 1e-10);
  }

  @Test
  void joinsItsTwoHalvesWithoutAStep() {
    double step = 1e-9;
    double slope = 2 / Math.sqrt(Math.PI) * Math.exp(-9);
    assertEquals(Erf.erf(3 - step) + step * slope, Erf.erf(3), 1e-14);
  }

  @Test
  void endsAtOne() {
    assertEquals(1, Erf.erf(7), 0);
    assertEquals(-1, Erf.erf(Double.NEGATIVE_INFINITY), 0);
    assertEquals(Double.NaN, Erf.erf(Double.NaN), 0);
    assertEquals(0, Erf.erf(0), 0);
  }
}
