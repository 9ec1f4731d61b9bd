package io.lockstep.runtime.operator;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Operators that broadcast, against the definition, element by element. */
class BroadcastPropertyTest {

  private static final int ROUNDS = 300;

  private static final List<BinaryFunction> EXACT =
      List.of(
          BinaryFunction.ADD,
          BinaryFunction.SUB,
          BinaryFunction.MUL,
          BinaryFunction.DIV,
          BinaryFunction.MIN,
          BinaryFunction.MAX,
          BinaryFunction.PRELU);

  @Test
  void broadcastsBinariesOnScalarKernels() {
    broadcastsBinaries(ScalarKernels.create());
  }

  @Test
  void broadcastsBinariesOnVectorKernels() {
    broadcastsBinaries(VectorKernels.create());
  }

  private static void broadcastsBinaries(KernelSet kernels) {
    OperatorRunner runner = OperatorRunner.on(kernels);
    Seeds.forAll(
        ROUNDS,
        random -> {
          Shape output = smallShape(random);
          DType dtype = List.of(DType.FLOAT32, DType.INT32, DType.UINT8).get(random.nextInt(3));
          Tensor x = RandomTensors.tensor(random, dtype, narrowed(random, output));
          Tensor y = RandomTensors.tensor(random, dtype, narrowed(random, output));
          BinaryFunction function = EXACT.get(random.nextInt(EXACT.size()));
          Tensor z = runner.first(new Binary(function.name(), function), x, y);
          Tensor expected = Tensors.zeros(z.type());
          for (long i = 0; i < z.size(); i++) {
            int[] at = RandomTensors.coordinates(z.shape(), i);
            long left = RandomTensors.broadcastIndex(x.shape(), at);
            long right = RandomTensors.broadcastIndex(y.shape(), at);
            if (dtype.isFloat()) {
              expected.setFromDouble(
                  i, Arithmetic.apply(function, x.asDouble(left), y.asDouble(right)));
            } else {
              expected.setFromLong(
                  i, Arithmetic.apply(function, x.asLong(left), y.asLong(right), false));
            }
          }
          TensorAssert.assertClose(expected, z, 0, 0, function + " " + x.type() + ", " + y.type());
        });
  }

  @Test
  void broadcastsThreeOperandsOfWhere() {
    OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());
    Seeds.forAll(
        ROUNDS,
        random -> {
          Shape output = smallShape(random);
          DType dtype = RandomTensors.type(random);
          Tensor condition = RandomTensors.tensor(random, DType.BOOL, narrowed(random, output));
          Tensor x = RandomTensors.tensor(random, dtype, narrowed(random, output));
          Tensor y = RandomTensors.tensor(random, dtype, narrowed(random, output));
          Tensor z = runner.first(new Where(), condition, x, y);
          Tensor expected = Tensors.zeros(z.type());
          for (long i = 0; i < z.size(); i++) {
            int[] at = RandomTensors.coordinates(z.shape(), i);
            boolean first =
                condition.getBoolean(RandomTensors.broadcastIndex(condition.shape(), at));
            Tensor from = first ? x : y;
            Elements.copy(from, RandomTensors.broadcastIndex(from.shape(), at), expected, i);
          }
          TensorAssert.assertClose(expected, z, 0, 0, "where " + condition.type());
        });
  }

  @Test
  void givesEveryElementTheSameBitsWhereverItStands() {
    Seeds.forAll(
        50,
        random -> {
          OperatorRunner runner = OperatorRunner.on(VectorKernels.create());
          int length = random.nextInt(1, 70);
          Tensor row = Tensors.zeros(TensorType.of(DType.FLOAT32, length));
          for (int i = 0; i < length; i++) {
            row.setFloat(i, random.nextFloat() * 8 - 4);
          }
          Tensor batch = runner.first(new Expand(), row, Tensors.vector(3, length));
          Tensor scale = RandomTensors.tensor(random, DType.FLOAT32, Shape.of(length));
          for (BinaryFunction function : BinaryFunction.values()) {
            Binary operator = new Binary(function.name(), function);
            Tensor alone = runner.first(operator, row, scale);
            Tensor together = runner.first(operator, batch, scale);
            for (int i = 0; i < 3; i++) {
              Tensor part = runner.first(new Gather(0), together, Tensors.scalar((long) i));
              TensorAssert.assertSameBits(alone, part, function + " of row " + i);
            }
          }
        });
  }

  private static Shape smallShape(Random random) {
    Shape shape = RandomTensors.shape(random, 0, 4);
    return shape.size() > 50_000 ? smallShape(random) : shape;
  }

  /** The shape with some extents 1 and some leading axes left out. */
  private static Shape narrowed(Random random, Shape shape) {
    int dropped = shape.rank() == 0 ? 0 : random.nextInt(shape.rank() + 1) / 2;
    int[] extents = new int[shape.rank() - dropped];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = random.nextInt(3) == 0 ? 1 : shape.extent(axis + dropped);
    }
    return Shape.of(extents);
  }
}
