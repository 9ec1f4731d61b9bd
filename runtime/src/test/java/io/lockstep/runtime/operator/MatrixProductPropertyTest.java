package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** MatMul and Gemm against the sum that defines them, in double precision. */
class MatrixProductPropertyTest {

  private static final Activation RELU = Activation.of(UnaryFunction.RELU);

  @Test
  void multipliesBatchesOnScalarKernels() {
    multipliesBatches(ScalarKernels.create());
  }

  @Test
  void multipliesBatchesOnVectorKernels() {
    multipliesBatches(VectorKernels.create());
  }

  private static void multipliesBatches(KernelSet kernels) {
    Seeds.forAll(
        150,
        random -> {
          int rows = random.nextInt(1, 40);
          int k = random.nextInt(0, 40);
          int n = random.nextInt(1, 40);
          int items = random.nextInt(1, 4);
          int heads = random.nextInt(1, 4);
          boolean transposed = random.nextBoolean();
          boolean shared = random.nextBoolean();
          float alpha = random.nextBoolean() ? 1 : 0.5f;
          Tensor a = floats(random, items, heads, rows, k);
          int[] matrix = transposed ? new int[] {n, k} : new int[] {k, n};
          Tensor b =
              shared
                  ? floats(random, matrix[0], matrix[1])
                  : floats(random, random.nextBoolean() ? 1 : items, heads, matrix[0], matrix[1]);
          Tensor bias = random.nextBoolean() ? floats(random, n) : null;
          Activation activation = random.nextBoolean() ? RELU : Activation.NONE;
          OperatorRunner runner = OperatorRunner.on(kernels);
          if (random.nextBoolean()) {
            runner.withoutConstants();
          }
          MatMul operator = new MatMul(alpha, transposed, activation);
          Tensor c =
              bias == null ? runner.first(operator, a, b) : runner.first(operator, a, b, bias);
          assertEquals(Shape.of(items, heads, rows, n), c.shape());
          for (int product = 0; product < items * heads; product++) {
            int ofB = shared ? 0 : b.shape().extent(0) == 1 ? product % heads : product;
            for (int row = 0; row < rows; row++) {
              for (int column = 0; column < n; column++) {
                double sum = 0;
                for (int i = 0; i < k; i++) {
                  long at = transposed ? (long) column * k + i : (long) i * n + column;
                  sum +=
                      (double) a.getFloat(((long) product * rows + row) * k + i)
                          * b.getFloat((long) ofB * k * n + at);
                }
                double value = alpha * sum + (bias == null ? 0 : bias.getFloat(column));
                double expected = activation.isNone() ? value : Math.max(0, value);
                float actual = c.getFloat(((long) product * rows + row) * n + column);
                assertEquals(expected, actual, 1e-5 * (1 + k), "product " + product);
              }
            }
          }
        });
  }

  @Test
  void givesARowTheSameBitsAloneAndAmongOthers() {
    Seeds.forAll(
        40,
        random -> {
          int rows = random.nextInt(2, 30);
          int k = random.nextInt(1, 70);
          int n = random.nextInt(1, 70);
          Tensor a = floats(random, rows, k);
          Tensor b = floats(random, k, n);
          MatMul operator = new MatMul(1, false, Activation.NONE);
          for (boolean constant : new boolean[] {true, false}) {
            OperatorRunner runner = OperatorRunner.on(VectorKernels.create());
            if (!constant) {
              runner.withoutConstants();
            }
            Tensor together = runner.first(operator, a, b);
            int row = random.nextInt(rows);
            Tensor index = Tensors.vector(row);
            Tensor alone = runner.first(operator, runner.first(new Gather(0), a, index), b);
            TensorAssert.assertSameBits(
                runner.first(new Gather(0), together, index), alone, "row " + row);
          }
        });
  }

  @Test
  void treatsVectorsAsOneRowOrOneColumn() {
    OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());
    MatMul operator = new MatMul(1, false, Activation.NONE);
    Tensor vector = Tensors.ofFloats(Shape.of(2), 1, 2);
    Tensor matrix = Tensors.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);
    assertValues(new float[] {7, 10}, Shape.of(2), runner.first(operator, vector, matrix));
    assertValues(new float[] {5, 11}, Shape.of(2), runner.first(operator, matrix, vector));
    assertValues(new float[] {5}, Shape.scalar(), runner.first(operator, vector, vector));
  }

  @Test
  void multipliesIntegersExactly() {
    Tensor a = Tensors.ofLongs(Shape.of(1, 2), Long.MAX_VALUE, 1);
    Tensor b = Tensors.ofLongs(Shape.of(2, 1), 1, -1);
    MatMul operator = new MatMul(1, false, Activation.NONE);
    Tensor c = OperatorRunner.on(ScalarKernels.create()).first(operator, a, b);
    assertEquals(Long.MAX_VALUE - 1, c.getLong(0));
  }

  @Test
  void refusesMatricesThatDoNotContract() {
    Tensor a = floats(new Random(1), 2, 3);
    Tensor b = floats(new Random(1), 4, 5);
    OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class,
            () -> runner.first(new MatMul(1, false, Activation.NONE), a, b));
    assertTrue(e.getMessage().contains("3 != 4"), e.getMessage());
  }

  @Test
  void multipliesAndAddsOnScalarKernels() {
    multipliesAndAdds(ScalarKernels.create());
  }

  @Test
  void multipliesAndAddsOnVectorKernels() {
    multipliesAndAdds(VectorKernels.create());
  }

  private static void multipliesAndAdds(KernelSet kernels) {
    Seeds.forAll(
        150,
        random -> {
          int rows = random.nextInt(1, 30);
          int k = random.nextInt(1, 30);
          int n = random.nextInt(1, 30);
          boolean transposeA = random.nextInt(3) == 0;
          boolean transposeB = random.nextBoolean();
          float alpha = random.nextBoolean() ? 1 : 0.5f;
          float beta = random.nextBoolean() ? 1 : 2;
          Tensor a = transposeA ? floats(random, k, rows) : floats(random, rows, k);
          Tensor b = transposeB ? floats(random, n, k) : floats(random, k, n);
          Shape[] shapes = {
            Shape.of(n), Shape.of(1, n), Shape.of(rows, n), Shape.of(rows, 1), Shape.scalar()
          };
          Shape ofC = shapes[random.nextInt(shapes.length)];
          Tensor c = floats(random, ofC.toArray());
          OperatorRunner runner = OperatorRunner.on(kernels);
          if (random.nextBoolean()) {
            runner.withoutConstants();
          }
          Gemm operator = new Gemm(alpha, beta, transposeA, transposeB, RELU);
          Tensor y = runner.first(operator, a, b, c);
          for (int row = 0; row < rows; row++) {
            for (int column = 0; column < n; column++) {
              double sum = 0;
              for (int i = 0; i < k; i++) {
                sum +=
                    (double) a.getFloat(transposeA ? i * rows + row : row * k + i)
                        * b.getFloat(transposeB ? column * k + i : i * n + column);
              }
              long at = RandomTensors.broadcastIndex(ofC, new int[] {row, column});
              double expected = Math.max(0, alpha * sum + beta * c.getFloat(at));
              assertEquals(expected, y.getFloat((long) row * n + column), 1e-5 * (1 + k));
            }
          }
        });
  }

  private static Tensor floats(Random random, int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(DType.FLOAT32, extents));
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, random.nextFloat() * 2 - 1);
    }
    return tensor;
  }

  private static void assertValues(float[] expected, Shape shape, Tensor actual) {
    TensorAssert.assertClose(Tensors.ofFloats(shape, expected), actual, 1e-6, 0, "product");
  }
}
