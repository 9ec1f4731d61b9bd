package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Transcendental functions over the whole range of floats, in units in the last place. */
interface PrecisionConformance extends ConformanceCase {

  /** Floats of each seed. */
  int SAMPLES = 120_000;

  @Test
  default void exponentialsAreWithinTwoUnits() {
    assertClose(UnaryFunction.EXP, Math::exp, 2);
  }

  @Test
  default void logarithmsAreWithinFourUnits() {
    assertClose(UnaryFunction.LOG, Math::log, 4);
  }

  @Test
  default void hyperbolicTangentsAreWithinFourUnits() {
    assertClose(UnaryFunction.TANH, Math::tanh, 4);
  }

  @Test
  default void errorFunctionsAreWithinFourUnits() {
    assertClose(UnaryFunction.ERF, Erf::erf, 4);
  }

  @Test
  default void sigmoidsAreWithinFourUnits() {
    assertClose(UnaryFunction.SIGMOID, x -> 1 / (1 + Math.exp(-x)), 4);
  }

  @Test
  default void specialValuesAreExact() {
    float infinity = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    assertExact(
        UnaryFunction.EXP, new float[] {0, -0f, infinity, -infinity, nan}, 1, 1, infinity, 0, nan);
    assertExact(
        UnaryFunction.LOG,
        new float[] {1, 0, -0f, infinity, -1, -infinity, nan},
        0,
        -infinity,
        -infinity,
        infinity,
        nan,
        nan,
        nan);
    for (UnaryFunction odd : new UnaryFunction[] {UnaryFunction.TANH, UnaryFunction.ERF}) {
      assertExact(odd, new float[] {0, infinity, -infinity, 50, -50, nan}, 0, 1, -1, 1, -1, nan);
    }
    assertExact(UnaryFunction.SIGMOID, new float[] {0, infinity, -infinity, nan}, 0.5f, 1, 0, nan);
  }

  private void assertExact(UnaryFunction function, float[] x, float... expected) {
    float[] y = apply(function, x);
    for (int i = 0; i < x.length; i++) {
      assertEquals(expected[i] + 0f, y[i] + 0f, function + " of " + x[i]);
    }
  }

  private void assertClose(UnaryFunction function, DoubleUnaryOperator exact, double units) {
    Seeds.forAll(
        2,
        random -> {
          float[] x = samples(random);
          float[] y = apply(function, x);
          for (int i = 0; i < x.length; i++) {
            double expected = exact.applyAsDouble(x[i]);
            float rounded = (float) expected;
            if (Float.isNaN(rounded)) {
              assertTrue(Float.isNaN(y[i]), function + " of " + x[i]);
            } else if (Float.isInfinite(rounded)) {
              assertTrue(
                  y[i] == rounded || Math.abs(y[i]) >= Float.MAX_VALUE * (1 - 2e-7),
                  function + " of " + x[i]);
            } else {
              double error = Math.abs(y[i] - expected) / Math.ulp(rounded);
              if (!(error <= units)) {
                throw new AssertionError(
                    "%s of %s: expected %s but was %s, off by %.2f units"
                        .formatted(function, x[i], rounded, y[i], error));
              }
            }
          }
        });
  }

  private float[] apply(UnaryFunction function, float[] x) {
    Input in = Input.of(x);
    Output out = Output.ofWords(x.length);
    kernels()
        .elementwise()
        .unary(
            Activation.of(function),
            in.segment(),
            in.offset(),
            out.segment(),
            out.offset(),
            x.length);
    out.assertNothingElseWritten();
    return out.floats(0);
  }

  /** Every exponent alike, and more where the functions bend. */
  private static float[] samples(Random random) {
    float[] x = new float[SAMPLES];
    for (int i = 0; i < x.length; i++) {
      x[i] =
          switch (i % 4) {
            case 0, 1 -> Float.intBitsToFloat(random.nextInt());
            case 2 -> random.nextFloat(-105, 90);
            default -> random.nextFloat(-5, 5);
          };
    }
    return x;
  }
}
