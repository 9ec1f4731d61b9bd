package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Reduce.Extent;
import io.lockstep.runtime.kernel.Reduce.Kind;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reductions and normalisations. */
interface ReduceConformance extends ConformanceCase {

  private static Extent randomExtent(Random random) {
    int inner = random.nextBoolean() ? 1 : random.nextInt(1, 40);
    return new Extent(random.nextInt(1, 5), random.nextInt(1, 90), inner);
  }

  private static int size(Extent e) {
    return e.outer() * e.length() * e.inner();
  }

  /** Element i along the axis of the line that passes through {@code (outer, inner)}. */
  private static float at(Extent e, float[] x, int outer, int inner, int i) {
    return x[(outer * e.length() + i) * e.inner() + inner];
  }

  private static double reference(Kind kind, float[] x) {
    double sum = 0;
    double magnitudes = 0;
    double squares = 0;
    double product = 1;
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    double exponentials = 0;
    for (float v : x) {
      sum += v;
      magnitudes += Math.abs(v);
      squares += (double) v * v;
      product *= v;
      max = Math.max(max, v);
      min = Math.min(min, v);
      exponentials += Math.exp(v);
    }
    return switch (kind) {
      case SUM -> sum;
      case MEAN -> sum / x.length;
      case MAX -> max;
      case MIN -> min;
      case PRODUCT -> product;
      case SUM_SQUARE -> squares;
      case L1 -> magnitudes;
      case L2 -> Math.sqrt(squares);
      case LOG_SUM -> Math.log(sum);
      case LOG_SUM_EXP -> Math.log(exponentials);
    };
  }

  default float[] reduce(Kind kind, Extent e, float[] values) {
    Input x = Input.of(values);
    Output y = Output.ofWords(e.outer() * e.inner());
    kernels().reduce().reduce(kind, e, x.segment(), x.offset(), y.segment(), y.offset());
    y.assertNothingElseWritten();
    return y.floats(0);
  }

  @Test
  default void reductionsMatchTheirDefinitionInDouble() {
    Seeds.forAll(
        100,
        random -> {
          Extent e = randomExtent(random);
          float[] x = Input.gaussians(random, size(e));
          for (int i = 0; i < x.length; i++) {
            x[i] = Math.abs(x[i]) + 0.1f; // so that a logarithm of a sum exists
          }
          for (Kind kind : Kind.values()) {
            float[] y = reduce(kind, e, x);
            for (int i = 0; i < y.length; i++) {
              float[] line = line(e, x, i / e.inner(), i % e.inner());
              double expected = reference(kind, line);
              double tolerance = 6e-8 * (e.length() + 4) * Math.max(1, Math.abs(expected));
              ConformanceCase.assertNear(expected, y[i], tolerance, kind + " of " + e);
            }
          }
        });
  }

  @Test
  default void sumsOfLongAndOfManyColumnsMatchTheirDefinitionInDouble() {
    Random random = new Random(5);
    for (Extent e : new Extent[] {new Extent(2, 2500, 19), new Extent(2, 3, 1203)}) {
      float[] x = Input.gaussians(random, size(e));
      for (Kind kind : new Kind[] {Kind.SUM, Kind.MEAN}) {
        float[] y = reduce(kind, e, x);
        for (int i = 0; i < y.length; i++) {
          double expected = reference(kind, line(e, x, i / e.inner(), i % e.inner()));
          double tolerance = 6e-8 * (e.length() + 4) * Math.max(1, Math.abs(expected));
          ConformanceCase.assertNear(expected, y[i], tolerance, kind + " of " + e);
        }
      }
    }
  }

  private static float[] line(Extent e, float[] x, int outer, int inner) {
    float[] line = new float[e.length()];
    for (int i = 0; i < line.length; i++) {
      line[i] = at(e, x, outer, inner, i);
    }
    return line;
  }

  @Test
  default void reductionsOfNothingAreTheirNeutralElement() {
    for (int inner : new int[] {1, 3}) {
      Extent none = new Extent(2, 0, inner);
      assertEquals(0f, reduce(Kind.SUM, none, new float[0])[1]);
      assertEquals(1f, reduce(Kind.PRODUCT, none, new float[0])[1]);
      assertEquals(Float.NEGATIVE_INFINITY, reduce(Kind.MAX, none, new float[0])[1]);
      assertEquals(Float.POSITIVE_INFINITY, reduce(Kind.MIN, none, new float[0])[1]);
    }
  }

  @Test
  default void reductionsKeepNotANumber() {
    for (Kind kind : Kind.values()) {
      for (int inner : new int[] {1, 20}) {
        float[] x = new float[2 * 37 * inner];
        Arrays.fill(x, 0.5f);
        x[35 * inner] = Float.NaN;
        float[] y = reduce(kind, new Extent(2, 37, inner), x);
        assertEquals(Float.NaN, y[0], kind + ", inner " + inner);
        assertEquals(false, Float.isNaN(y[inner]), kind + ", inner " + inner);
      }
    }
  }

  @Test
  default void sumsKeepTheirBitsWhenZerosAreAppended() {
    Seeds.forAll(
        60,
        random -> {
          int length = random.nextInt(1, 80);
          int inner = random.nextBoolean() ? 1 : random.nextInt(2, 40);
          float[] x = Input.gaussians(random, length * inner);
          int padded = length + random.nextInt(1, 40);
          float[] longer = Arrays.copyOf(x, padded * inner);
          for (Kind kind : new Kind[] {Kind.SUM, Kind.SUM_SQUARE, Kind.L1, Kind.L2}) {
            assertArrayEquals(
                reduce(kind, new Extent(1, length, inner), x),
                reduce(kind, new Extent(1, padded, inner), longer),
                kind.name());
          }
        });
  }

  @Test
  default void sumsPlaceElementsInSixteenPartialSums() {
    Seeds.forAll(
        60,
        random -> {
          Extent e = randomExtent(random);
          float[] x = Input.gaussians(random, size(e));
          float[] y = reduce(Kind.SUM, e, x);
          for (int i = 0; i < y.length; i++) {
            float[] partial = new float[16];
            for (int p = 0; p < e.length(); p++) {
              partial[p % 16] += at(e, x, i / e.inner(), i % e.inner(), p);
            }
            for (int half = 8; half > 0; half /= 2) {
              for (int p = 0; p < half; p++) {
                partial[p] += partial[p + half];
              }
            }
            assertEquals(partial[0], y[i], 0f);
          }
        });
  }

  default float[] softmax(boolean logarithm, Extent e, float[] values) {
    Input x = Input.of(values);
    Output y = Output.ofWords(values.length);
    if (logarithm) {
      kernels().reduce().logSoftmax(e, x.segment(), x.offset(), y.segment(), y.offset());
    } else {
      kernels().reduce().softmax(e, x.segment(), x.offset(), y.segment(), y.offset());
    }
    y.assertNothingElseWritten();
    return y.floats(0);
  }

  @Test
  default void softmaxMatchesItsDefinitionInDouble() {
    Seeds.forAll(
        100,
        random -> {
          Extent e = randomExtent(random);
          float[] x = Input.gaussians(random, size(e));
          for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(9) == 0 ? -1e9f : 5 * x[i] + 80;
          }
          float[] y = softmax(false, e, x);
          float[] log = softmax(true, e, x);
          for (int i = 0; i < x.length; i++) {
            float[] line = line(e, x, i / e.inner() / e.length(), i % e.inner());
            double max = reference(Kind.MAX, line);
            double sum = 0;
            for (float v : line) {
              sum += Math.exp(v - max);
            }
            double expected = Math.exp(x[i] - max) / sum;
            ConformanceCase.assertNear(expected, y[i], 1e-6 * expected + 1e-37, "softmax");
            double expectedLog = x[i] - max - Math.log(sum);
            ConformanceCase.assertNear(
                expectedLog, log[i], 2e-6 + 2e-7 * Math.abs(expectedLog), "logSoftmax");
          }
        });
  }

  @Test
  default void softmaxKeepsItsBitsWhenMaskedElementsAreAppended() {
    Seeds.forAll(
        60,
        random -> {
          int length = random.nextInt(1, 80);
          int inner = random.nextBoolean() ? 1 : random.nextInt(2, 40);
          float[] x = Input.gaussians(random, length * inner);
          float[] longer = Arrays.copyOf(x, (length + random.nextInt(1, 40)) * inner);
          float mask = random.nextBoolean() ? Float.NEGATIVE_INFINITY : -1e9f;
          Arrays.fill(longer, x.length, longer.length, mask);
          float[] alone = softmax(false, new Extent(1, length, inner), x);
          float[] padded = softmax(false, new Extent(1, longer.length / inner, inner), longer);
          assertArrayEquals(alone, Arrays.copyOf(padded, x.length));
          for (int i = x.length; i < padded.length; i++) {
            assertEquals(0f, padded[i], 0f);
          }
        });
  }

  @Test
  default void layerNormMatchesItsDefinitionInDouble() {
    Seeds.forAll(
        100,
        random -> {
          int rows = random.nextInt(1, 5);
          int length = random.nextInt(1, 100);
          float[] x = Input.gaussians(random, rows * length);
          float[] gamma = random.nextBoolean() ? Input.gaussians(random, length) : null;
          float[] beta = random.nextBoolean() ? Input.gaussians(random, length) : null;
          Input input = Input.of(x);
          Output y = Output.ofWords(rows, length, length);
          kernels()
              .reduce()
              .layerNorm(
                  rows,
                  length,
                  1e-3f,
                  gamma == null ? null : Input.bare(gamma),
                  beta == null ? null : Input.bare(beta),
                  input.segment(),
                  input.offset(),
                  y.segment(),
                  y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < x.length; i++) {
            float[] row = Arrays.copyOfRange(x, i / length * length, (i / length + 1) * length);
            double mean = reference(Kind.MEAN, row);
            double variance = 0;
            for (float v : row) {
              variance += (v - mean) * (v - mean) / length;
            }
            double value = (x[i] - mean) / Math.sqrt(variance + 1e-3f);
            double scaled = gamma == null ? value : value * gamma[i % length];
            double expected = beta == null ? scaled : scaled + beta[i % length];
            ConformanceCase.assertNear(
                expected,
                y.getFloat(i / length, i % length),
                1e-5 * (1 + Math.abs(scaled) + Math.abs(expected)),
                "row " + i / length);
          }
        });
  }

  @Test
  default void rmsNormMatchesItsDefinitionInDouble() {
    Seeds.forAll(
        60,
        random -> {
          int length = random.nextInt(1, 100);
          float[] x = Input.gaussians(random, 2 * length);
          float[] gamma = Input.gaussians(random, length);
          Input input = Input.of(x);
          Output y = Output.ofWords(2, length, length);
          kernels()
              .reduce()
              .rmsNorm(
                  2,
                  length,
                  1e-5f,
                  Input.bare(gamma),
                  input.segment(),
                  input.offset(),
                  y.segment(),
                  y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < x.length; i++) {
            float[] row = Arrays.copyOfRange(x, i / length * length, (i / length + 1) * length);
            double square = reference(Kind.SUM_SQUARE, row) / length;
            double expected = x[i] / Math.sqrt(square + 1e-5f) * gamma[i % length];
            ConformanceCase.assertNear(
                expected,
                y.getFloat(i / length, i % length),
                1e-5 * (1 + Math.abs(expected)),
                "row " + i / length);
          }
        });
  }
}
