package io.lockstep.server.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.fakes.Seeds;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class BlocksTest {

  @Test
  void copiesAnyBlockOfAnyRankAndNothingElse() {
    Seeds.forAll(
        500,
        random -> {
          int rank = random.nextInt(5);
          int[] source = new int[rank];
          int[] target = new int[rank];
          int[] from = new int[rank];
          int[] to = new int[rank];
          int[] extents = new int[rank];
          for (int axis = 0; axis < rank; axis++) {
            source[axis] = random.nextInt(5);
            target[axis] = random.nextInt(5);
            extents[axis] = random.nextInt(Math.min(source[axis], target[axis]) + 1);
            from[axis] = random.nextInt(source[axis] - extents[axis] + 1);
            to[axis] = random.nextInt(target[axis] - extents[axis] + 1);
          }
          DType dtype = random.nextBoolean() ? DType.INT64 : DType.STRING;
          Tensor a = filled(new TensorType(dtype, Shape.of(source)), 1000);
          Tensor b = filled(new TensorType(dtype, Shape.of(target)), 5000);
          Tensor expected = filled(b.type(), 5000);
          each(extents, index -> set(expected, plus(to, index), text(a, plus(from, index))));
          Blocks.copy(a, from, b, to, extents);
          assertSame(expected, b);
          each(extents, index -> set(expected, plus(to, index), dtype == DType.STRING ? "" : "0"));
          Blocks.clear(b, to, extents);
          assertSame(expected, b);
        });
  }

  private static Tensor filled(TensorType type, int first) {
    Tensor tensor = Tensors.zeros(type);
    for (int i = 0; i < tensor.size(); i++) {
      put(tensor, i, Integer.toString(first + i));
    }
    return tensor;
  }

  private static void put(Tensor tensor, long index, String value) {
    if (tensor.dtype() == DType.STRING) {
      tensor.setString(index, value);
    } else {
      tensor.setLong(index, Long.parseLong(value));
    }
  }

  private static void set(Tensor tensor, int[] index, String value) {
    put(tensor, flat(tensor, index), value);
  }

  private static String text(Tensor tensor, int[] index) {
    long flat = flat(tensor, index);
    return tensor.dtype() == DType.STRING
        ? tensor.getString(flat)
        : Long.toString(tensor.getLong(flat));
  }

  private static long flat(Tensor tensor, int[] index) {
    long[] strides = tensor.shape().strides();
    long flat = 0;
    for (int axis = 0; axis < index.length; axis++) {
      flat += index[axis] * strides[axis];
    }
    return flat;
  }

  private static int[] plus(int[] a, int[] b) {
    int[] sum = new int[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  private static void each(int[] extents, Consumer<int[]> body) {
    long count = Arrays.stream(extents).asLongStream().reduce(1, (a, b) -> a * b);
    for (long i = 0; i < count; i++) {
      int[] index = new int[extents.length];
      long rest = i;
      for (int axis = extents.length - 1; axis >= 0; axis--) {
        index[axis] = (int) (rest % extents[axis]);
        rest /= extents[axis];
      }
      body.accept(index);
    }
  }

  private static void assertSame(Tensor expected, Tensor actual) {
    for (int i = 0; i < expected.size(); i++) {
      if (expected.dtype() == DType.STRING) {
        assertEquals(expected.getString(i), actual.getString(i));
      } else {
        assertEquals(expected.getLong(i), actual.getLong(i));
      }
    }
  }
}
