package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the conformance cases of all families share. */
interface ConformanceCase {

  KernelSet kernels();

  /** A pool of three threads. */
  ComputePool threads();

  /** Asserts that a float is within {@code tolerance} of a value, or as infinite, or as NaN. */
  static void assertNear(double expected, float actual, double tolerance, String what) {
    if (Double.isNaN(expected)) {
      assertTrue(Float.isNaN(actual), what + ": expected NaN but was " + actual);
    } else if (Float.isInfinite((float) expected)) {
      assertEquals((float) expected, actual, what);
    } else {
      double error = Math.abs(expected - actual);
      assertTrue(
          error <= tolerance,
          what + ": expected " + expected + " but was " + actual + ", off by " + error);
    }
  }
}
