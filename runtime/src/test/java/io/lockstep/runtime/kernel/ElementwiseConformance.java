package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Functions of single elements. */
interface ElementwiseConformance extends ConformanceCase {

  private static double reference(Activation f, float x) {
    double alpha = f.alpha();
    double beta = f.beta();
    return switch (f.function()) {
      case IDENTITY -> x;
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1.0 / x;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case ERF -> Erf.erf(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case RELU -> Double.isNaN(x) ? x : Math.max(0.0, x);
      case LEAKY_RELU -> x < 0 ? alpha * x : x;
      case CLIP -> Math.min(beta, Math.max(alpha, x));
      case HARD_SIGMOID -> Math.max(0, Math.min(1, alpha * x + beta));
      case HARD_SWISH -> x * Math.max(0, Math.min(1, x / 6.0 + 0.5));
      case ELU -> x < 0 ? alpha * Math.expm1(x) : x;
      case GELU -> x * 0.5 * (1 + Erf.erf(x * Math.sqrt(0.5)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SWISH -> x / (1 + Math.exp(-alpha * x));
      case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs((double) x)));
      case SOFTSIGN -> x / (1 + Math.abs((double) x));
      case FLOOR -> Math.floor(x);
      case CEIL -> Math.ceil(x);
      case ROUND -> Math.rint(x);
      case SQUARE -> (double) x * x;
      case AFFINE -> alpha * x + beta;
    };
  }

  /** What a function may be off by: units in the last place, and an absolute part. */
  private static double tolerance(UnaryFunction function, float x, double expected) {
    double ulp = Math.ulp((float) expected);
    double magnitude = Float.isInfinite(x) || Float.isNaN(x) ? 0 : Math.abs(x);
    return switch (function) {
      case IDENTITY, NEG, ABS, SQRT, RECIPROCAL, RELU, LEAKY_RELU, CLIP, FLOOR, CEIL -> ulp / 2;
      case ROUND, SQUARE -> ulp / 2;
      case EXP -> 2 * ulp;
      case LOG, ERF, TANH, SIGMOID, SOFTSIGN -> 4 * ulp;
      // the rounding of alpha x is magnified by the exponential
      case SWISH -> (6 + 2 * magnitude) * ulp + 2 * Float.MIN_VALUE * magnitude;
      // sums that cancel: exact to the size of their terms
      case GELU, GELU_TANH -> 4 * ulp + 3e-7 * magnitude;
      case ELU, SOFTPLUS -> 4 * ulp + 2e-7;
      case HARD_SIGMOID, AFFINE -> 2 * ulp + 1.2e-7 * (1 + magnitude);
      case HARD_SWISH -> 2 * ulp + 1.2e-7 * magnitude * Math.min(1, magnitude);
    };
  }

  /** Values of all magnitudes, with the special ones first. */
  private static float[] samples() {
    Random random = new Random(11);
    float[] special = {
      0f,
      -0f,
      1f,
      -1f,
      0.5f,
      -0.5f,
      1.5f,
      -2.5f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      -Float.MIN_NORMAL,
      88.72f,
      88.73f,
      89f,
      -87.3f,
      -87.4f,
      -100f,
      -103.9f,
      -104.1f,
      -150f,
      3f,
      -3f,
      6f,
      -6f,
      0.625f,
      0.62499994f,
      8388609f,
      1e-20f
    };
    float[] values = new float[4001];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (i % 4) {
            case 0 -> (float) random.nextGaussian();
            case 1 -> (float) (10 * random.nextGaussian());
            case 2 -> (float) (random.nextGaussian() * Math.exp(20 * random.nextGaussian()));
            default -> random.nextFloat(-110, 95);
          };
    }
    System.arraycopy(special, 0, values, 0, special.length);
    return values;
  }

  private static Activation activation(UnaryFunction function) {
    return switch (function) {
      case LEAKY_RELU, ELU -> new Activation(function, 0.25f, 0);
      case CLIP -> new Activation(function, -1.5f, 2f);
      case HARD_SIGMOID -> new Activation(function, 0.2f, 0.5f);
      case SWISH -> new Activation(function, 1.5f, 0);
      case AFFINE -> new Activation(function, 1.7f, -0.3f);
      default -> Activation.of(function);
    };
  }

  default float[] unary(Activation function, float... values) {
    Input x = Input.of(values);
    Output y = Output.ofWords(values.length);
    kernels()
        .elementwise()
        .unary(function, x.segment(), x.offset(), y.segment(), y.offset(), values.length);
    y.assertNothingElseWritten();
    return y.floats(0);
  }

  @Test
  default void unaryFunctionsMatchTheirDefinitionInDouble() {
    float[] x = samples();
    for (UnaryFunction name : UnaryFunction.values()) {
      Activation function = activation(name);
      float[] y = unary(function, x);
      for (int i = 0; i < x.length; i++) {
        double expected = reference(function, x[i]);
        ConformanceCase.assertNear(
            expected, y[i], tolerance(name, x[i], expected), name + " of " + x[i]);
      }
    }
  }

  @Test
  default void anElementHasTheSameBitsWhereverItStands() {
    float[] x = samples();
    for (UnaryFunction name : UnaryFunction.values()) {
      Activation function = activation(name);
      float[] together = unary(function, x);
      for (int from = 0, count = 0; from + count <= 600; from += count, count = (count + 1) % 50) {
        float[] part = unary(function, java.util.Arrays.copyOfRange(x, from, from + count));
        for (int i = 0; i < count; i++) {
          assertEquals(
              Float.floatToIntBits(together[from + i]),
              Float.floatToIntBits(part[i]),
              name + " of " + x[from + i]);
        }
      }
    }
  }

  @Test
  default void unaryFunctionsMayWriteOverTheirInput() {
    float[] x = samples();
    for (UnaryFunction name : UnaryFunction.values()) {
      Activation function = activation(name);
      Input memory = Input.of(x);
      kernels()
          .elementwise()
          .unary(
              function,
              memory.segment(),
              memory.offset(),
              memory.segment(),
              memory.offset(),
              x.length);
      float[] y =
          memory
              .segment()
              .asSlice(memory.offset() * Float.BYTES)
              .toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
      assertArrayEquals(unary(function, x), y, name.name());
    }
  }

  private static double reference(BinaryFunction function, float x, float y) {
    return switch (function) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> x / y;
      case MIN -> Math.min(x, y);
      case MAX -> Math.max(x, y);
      case POW -> Math.pow(x, y);
      case PRELU -> x < 0 ? y * x : x;
    };
  }

  @Test
  default void binaryFunctionsMatchTheirDefinition() {
    float[] all = samples();
    for (int count : new int[] {0, 1, 15, 16, 17, 67, all.length}) {
      float[] x = java.util.Arrays.copyOf(all, count);
      float[] y = new float[count];
      for (int i = 0; i < count; i++) {
        y[i] = all[(i * 7 + 5) % all.length];
      }
      for (BinaryFunction function : BinaryFunction.values()) {
        Input left = Input.of(x);
        Input right = Input.of(y);
        Output z = Output.ofWords(count);
        kernels()
            .elementwise()
            .binary(
                function,
                left.segment(),
                left.offset(),
                right.segment(),
                right.offset(),
                z.segment(),
                z.offset(),
                count);
        z.assertNothingElseWritten();
        for (int i = 0; i < count; i++) {
          assertBinary(function, x[i], y[i], z.getFloat(0, i));
        }
      }
    }
  }

  private static void assertBinary(BinaryFunction function, float x, float y, float actual) {
    double expected = reference(function, x, y);
    double tolerance = function == BinaryFunction.POW ? 2 * Math.ulp((float) expected) : 0;
    ConformanceCase.assertNear(expected, actual, tolerance, function + " of " + x + ", " + y);
  }

  @Test
  default void binaryFunctionsTakeOneScalar() {
    float[] x = java.util.Arrays.copyOf(samples(), 83);
    Input input = Input.of(x);
    for (BinaryFunction function : BinaryFunction.values()) {
      for (float scalar : new float[] {-1.5f, 0, 3, Float.NaN}) {
        Output right = Output.ofWords(x.length);
        Output left = Output.ofWords(x.length);
        Elementwise elementwise = kernels().elementwise();
        elementwise.binaryScalarRight(
            function,
            input.segment(),
            input.offset(),
            scalar,
            right.segment(),
            right.offset(),
            x.length);
        elementwise.binaryScalarLeft(
            function,
            scalar,
            input.segment(),
            input.offset(),
            left.segment(),
            left.offset(),
            x.length);
        for (int i = 0; i < x.length; i++) {
          assertBinary(function, x[i], scalar, right.getFloat(0, i));
          assertBinary(function, scalar, x[i], left.getFloat(0, i));
        }
        right.assertNothingElseWritten();
        left.assertNothingElseWritten();
      }
    }
  }

  @Test
  default void affineIsOneFusedStepPerColumn() {
    Seeds.forAll(
        60,
        random -> {
          int rows = random.nextInt(5);
          int columns = random.nextInt(1, 70);
          float[] x = Input.gaussians(random, rows * columns);
          float[] factors = Input.gaussians(random, columns);
          float[] offsets = Input.gaussians(random, columns);
          Input input = Input.of(x);
          Output y = Output.ofWords(rows * columns);
          kernels()
              .elementwise()
              .affine(
                  rows,
                  columns,
                  input.segment(),
                  input.offset(),
                  Input.bare(factors),
                  Input.bare(offsets),
                  y.segment(),
                  y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < x.length; i++) {
            int column = i % columns;
            assertEquals(Math.fma(x[i], factors[column], offsets[column]), y.getFloat(0, i));
          }
        });
  }
}
