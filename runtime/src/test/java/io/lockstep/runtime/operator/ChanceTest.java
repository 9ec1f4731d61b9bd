package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Random numbers: their distribution, and that a run can be repeated. */
class ChanceTest {

  private static final int COUNT = 20_000;

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  @Test
  void drawsUniformNumbersWithinTheirBounds() {
    Operator operator =
        RandomNumbers.of(false)
            .apply(
                Attributes.of("RandomUniform")
                    .inputs(0)
                    .ints("shape", COUNT)
                    .with("low", -1f)
                    .with("high", 3f));
    float[] y = runner.first(operator).toFloats();
    double mean = 0;
    for (float value : y) {
      assertTrue(value >= -1 && value <= 3, "value " + value);
      mean += value / COUNT;
    }
    assertEquals(1, mean, 0.05);
  }

  @Test
  void drawsNormalNumbersOfTheirMeanAndDeviation() {
    float[] y = runner.first(normal(5f)).toFloats();
    double mean = 0;
    double square = 0;
    for (float value : y) {
      mean += value / COUNT;
      square += value * value / COUNT;
    }
    assertEquals(5, mean, 0.05);
    assertEquals(2, Math.sqrt(square - mean * mean), 0.05);
  }

  private static Operator normal(float seed) {
    return RandomNumbers.of(true)
        .apply(
            Attributes.of("RandomNormal")
                .inputs(0)
                .ints("shape", COUNT)
                .with("mean", 5f)
                .with("scale", 2f)
                .with("seed", seed));
  }

  @Test
  void repeatsWhatASeedGaveAndNoOther() {
    float[] first = runner.first(normal(1f)).toFloats();
    assertArrayEquals(first, runner.first(normal(1f)).toFloats());
    assertNotEquals(first[0], runner.first(normal(2f)).toFloats()[0]);
  }

  @Test
  void drawsTheSameForAnItemAloneAndInABatch() {
    OperatorRunner batched = OperatorRunner.on(ScalarKernels.create());
    batched.roles(0, AxisRole.BATCH, AxisRole.FIXED);
    Operator operator = Bernoulli.of(Attributes.of("Bernoulli"));
    Tensor one = halves(1, 50);
    long[] alone = batched.first(operator, one).toLongs();
    long[] together = batched.first(operator, halves(3, 50)).toLongs();
    assertArrayEquals(alone, Arrays.copyOf(together, 50));
    assertArrayEquals(alone, Arrays.copyOfRange(together, 100, 150));
    long ones = Arrays.stream(alone).sum();
    assertTrue(ones > 10 && ones < 40, ones + " of 50");
  }

  private static Tensor halves(int rows, int columns) {
    Tensor x = Tensors.zeros(TensorType.of(DType.FLOAT32, rows, columns));
    for (int i = 0; i < x.size(); i++) {
      x.setFloat(i, 0.5f);
    }
    return x;
  }

  @Test
  void drawsClassesAsOftenAsTheyAreLikely() {
    Operator operator =
        Multinomial.of(
            Attributes.of("Multinomial").with("sample_size", (long) COUNT).with("dtype", 7L));
    Tensor x =
        Tensors.ofFloats(
            Shape.of(1, 3), (float) Math.log(0.2), Float.NEGATIVE_INFINITY, (float) Math.log(0.8));
    long[] drawn = runner.first(operator, x).toLongs();
    assertEquals(0.8, Arrays.stream(drawn).filter(c -> c == 2).count() / (double) COUNT, 0.02);
    assertEquals(0, Arrays.stream(drawn).filter(c -> c == 1).count());
  }
}
