package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Running sums and products, and determinants. */
class CumulativeTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  @Test
  void sumsFromEitherEndWithOrWithoutTheElementItself() {
    Tensor x = Tensors.ofInts(Shape.of(2, 2), 1, 2, 3, 4);
    assertArrayEquals(new long[] {1, 2, 4, 6}, sum(x, 0, false, false));
    assertArrayEquals(new long[] {0, 1, 0, 3}, sum(x, -1, true, false));
    assertArrayEquals(new long[] {3, 2, 7, 4}, sum(x, 1, false, true));
    assertArrayEquals(new long[] {2, 0, 4, 0}, sum(x, 1, true, true));
  }

  private long[] sum(Tensor x, long axis, boolean exclusive, boolean reverse) {
    Cumulative operator = new Cumulative(false, exclusive, reverse);
    return runner.first(operator, x, Tensors.scalar(axis)).toLongs();
  }

  @Test
  void multipliesLongIntegersExactly() {
    Tensor x = Tensors.vector(3, 1L << 60, 1);
    Tensor y = runner.first(new Cumulative(true, false, false), x, Tensors.scalar(0L));
    assertArrayEquals(new long[] {3, 3L << 60, 3L << 60}, y.toLongs());
  }

  @Test
  void takesDeterminantsWithRowsInAnyOrder() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2, 2), 0, 2, 3, 4, 1, 2, 2, 4);
    Tensor y = runner.first(new Determinant(), x);
    assertArrayEquals(new float[] {-6, 0}, y.toFloats());
    Tensor empty = runner.first(new Determinant(), Tensors.ofFloats(Shape.of(0, 0)));
    assertEquals(1, empty.getFloat(0));
  }
}
