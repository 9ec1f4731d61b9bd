package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Conversion between floats and 8-bit integers. */
interface QuantizeConformance extends ConformanceCase {

  private static byte saturate(double value, boolean signed) {
    return (byte) (int) Math.max(signed ? -128 : 0, Math.min(signed ? 127 : 255, value));
  }

  private static int zeroPoint(Random random, boolean signed) {
    return random.nextInt(256) - (signed ? 128 : 0);
  }

  @Test
  default void rangesAlwaysIncludeZeroAndPassOverNotANumber() {
    Seeds.forAll(
        100,
        random -> {
          float[] x = Input.gaussians(random, random.nextInt(80));
          float shift = random.nextInt(3) - 1;
          float min = 0;
          float max = 0;
          for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(10) == 0 ? Float.NaN : x[i] + 3 * shift;
            min = x[i] < min ? x[i] : min;
            max = x[i] > max ? x[i] : max;
          }
          Input input = Input.of(x);
          assertEquals(
              min, kernels().quantize().min(input.segment(), input.offset(), x.length), 0f);
          assertEquals(
              max, kernels().quantize().max(input.segment(), input.offset(), x.length), 0f);
        });
  }

  @Test
  default void quantizingRoundsTiesToEvenAndSaturates() {
    Seeds.forAll(
        200,
        random -> {
          int count = random.nextInt(90);
          boolean signed = random.nextBoolean();
          int zeroPoint = zeroPoint(random, signed);
          float scale = random.nextBoolean() ? 0.5f : random.nextFloat(0.01f, 2);
          float[] x = new float[count];
          for (int i = 0; i < count; i++) {
            x[i] =
                switch (random.nextInt(4)) {
                  case 0 -> random.nextInt(-600, 600) * scale / 2;
                  case 1 -> (float) (1e30 * random.nextGaussian());
                  case 2 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : -1e-40f;
                  default -> (float) (50 * random.nextGaussian());
                };
          }
          Input input = Input.of(x);
          Output y = Output.ofBytes(count);
          kernels()
              .quantize()
              .quantize(
                  input.segment(),
                  input.offset(),
                  scale,
                  zeroPoint,
                  signed,
                  y.segment(),
                  y.offset(),
                  count);
          y.assertNothingElseWritten();
          for (int i = 0; i < count; i++) {
            byte expected = saturate(Math.rint(x[i] / scale) + zeroPoint, signed);
            assertEquals(expected, y.getByte(i), x[i] + " / " + scale + " + " + zeroPoint);
          }
        });
  }

  @Test
  default void quantizingHasTheSameBitsWhereverAnElementStands() {
    Random random = new Random(4);
    float[] x = Input.gaussians(random, 101);
    x[3] = Float.NaN;
    Input input = Input.of(x);
    Output together = Output.ofBytes(101);
    Quantize quantize = kernels().quantize();
    quantize.quantize(
        input.segment(),
        input.offset(),
        0.01f,
        7,
        true,
        together.segment(),
        together.offset(),
        101);
    for (int i = 0; i < 101; i++) {
      Output alone = Output.ofBytes(1);
      quantize.quantize(
          input.segment(), input.offset() + i, 0.01f, 7, true, alone.segment(), alone.offset(), 1);
      assertEquals(alone.getByte(0), together.getByte(i), "element " + i);
    }
  }

  @Test
  default void dequantizingIsExact() {
    Seeds.forAll(
        60,
        random -> {
          int count = random.nextInt(90);
          boolean signed = random.nextBoolean();
          int zeroPoint = zeroPoint(random, signed);
          byte[] x = Input.extremeBytes(random, count);
          Input input = Input.of(x);
          Output y = Output.ofWords(count);
          kernels()
              .quantize()
              .dequantize(
                  input.segment(),
                  input.offset(),
                  0.037f,
                  zeroPoint,
                  signed,
                  y.segment(),
                  y.offset(),
                  count);
          y.assertNothingElseWritten();
          float[] expected = new float[count];
          for (int i = 0; i < count; i++) {
            expected[i] = ((signed ? x[i] : Byte.toUnsignedInt(x[i])) - zeroPoint) * 0.037f;
          }
          assertArrayEquals(expected, y.floats(0));
        });
  }

  @Test
  default void requantizingAddsTheBiasRoundsTiesToEvenAndSaturates() {
    Seeds.forAll(
        100,
        random -> {
          int rows = random.nextInt(4);
          int columns = random.nextInt(1, 90);
          boolean signed = random.nextBoolean();
          int zeroPoint = zeroPoint(random, signed);
          int lowest = (signed ? -128 : 0) + random.nextInt(2) * 10;
          int highest = (signed ? 127 : 255) - random.nextInt(2) * 10;
          int[] bias = random.ints(columns, -2000, 2000).toArray();
          float[] multipliers = new float[columns];
          for (int i = 0; i < columns; i++) {
            multipliers[i] = random.nextBoolean() ? 0.5f : random.nextFloat(0.0001f, 0.01f);
          }
          int[] x = new int[rows * columns];
          for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt() >> random.nextInt(32);
          }
          boolean biased = random.nextBoolean();
          Requantization requantization =
              new Requantization(
                  biased ? Input.bare(bias) : null,
                  Input.bare(multipliers),
                  zeroPoint,
                  lowest,
                  highest);
          Input input = Input.of(x);
          Output y = Output.ofBytes(x.length);
          kernels()
              .quantize()
              .requantize(
                  rows,
                  columns,
                  input.segment(),
                  input.offset(),
                  requantization,
                  y.segment(),
                  y.offset());
          y.assertNothingElseWritten();
          for (int i = 0; i < x.length; i++) {
            int sum = x[i] + (biased ? bias[i % columns] : 0);
            double rounded = Math.rint(sum * multipliers[i % columns]) + zeroPoint;
            byte expected = (byte) Math.clamp(rounded, lowest, highest);
            assertEquals(expected, y.getByte(i), sum + " * " + multipliers[i % columns]);
          }
        });
  }
}
