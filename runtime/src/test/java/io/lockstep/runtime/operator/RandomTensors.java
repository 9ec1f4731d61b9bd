package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Random;

/** Tensors of chance, and the places of their elements by coordinates, for property tests. */
final class RandomTensors {

  /** Types of every width, and text. */
  private static final List<DType> TYPES =
      List.of(DType.FLOAT32, DType.INT8, DType.FLOAT16, DType.INT64, DType.INT32, DType.STRING);

  /** Extents below, at and above the tile of a transposition, and the odd ones. */
  private static final int[] EXTENTS = {1, 1, 2, 3, 5, 16, 17, 33};

  private RandomTensors() {}

  static DType type(Random random) {
    return TYPES.get(random.nextInt(TYPES.size()));
  }

  /** A shape of a rank up to {@code maxRank}; one in twenty has an empty axis. */
  static Shape shape(Random random, int minRank, int maxRank) {
    int[] extents = new int[random.nextInt(minRank, maxRank + 1)];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = EXTENTS[random.nextInt(EXTENTS.length)];
    }
    if (extents.length > 0 && random.nextInt(20) == 0) {
      extents[random.nextInt(extents.length)] = 0;
    }
    return Shape.of(extents);
  }

  /** Small integers, so that every type holds them exactly. */
  static Tensor tensor(Random random, DType dtype, Shape shape) {
    Tensor tensor = Tensors.zeros(new TensorType(dtype, shape));
    for (long i = 0; i < tensor.size(); i++) {
      int value = random.nextInt(-50, 50);
      if (dtype == DType.STRING) {
        tensor.setString(i, "t" + value);
      } else if (dtype == DType.BOOL) {
        tensor.setBoolean(i, value > 0);
      } else {
        tensor.setFromLong(i, value);
      }
    }
    return tensor;
  }

  /** The coordinates of an element. */
  static int[] coordinates(Shape shape, long index) {
    int[] coordinates = new int[shape.rank()];
    long rest = index;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      coordinates[axis] = (int) (rest % shape.extent(axis));
      rest /= shape.extent(axis);
    }
    return coordinates;
  }

  /** The index of the element with these coordinates. */
  static long index(Shape shape, int... coordinates) {
    long index = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      index = index * shape.extent(axis) + coordinates[axis];
    }
    return index;
  }

  /** The index of the element of a smaller tensor that broadcasts to these coordinates. */
  static long broadcastIndex(Shape operand, int[] coordinates) {
    int[] own = new int[operand.rank()];
    for (int axis = 0; axis < own.length; axis++) {
      int at = coordinates[axis + coordinates.length - own.length];
      own[axis] = operand.extent(axis) == 1 ? 0 : at;
    }
    return index(operand, own);
  }
}
