package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Filters [filters, channels / groups, kernelHeight, kernelWidth] in the order of windows. */
final class FilterLayout {

  private FilterLayout() {}

  static boolean isDepthwise(Tensor weights, int groups) {
    return groups > 1 && weights.shape().extent(0) == groups && weights.shape().extent(1) == 1;
  }

  /**
   * Depthwise filters [filters, 1, kernel] as [kernel, filters]: floats as they are, integers as
   * int32 less their zero points.
   */
  static MemorySegment taps(Tensor weights, @Nullable Tensor zeroPoint, TensorArena owner) {
    int filters = weights.shape().extent(0);
    int kernel = weights.shape().product(2, 4);
    boolean isFloat = weights.dtype() == DType.FLOAT32;
    DType type = isFloat ? DType.FLOAT32 : DType.INT32;
    Tensor taps = owner.allocate(new TensorType(type, Shape.of(kernel, filters)));
    for (int filter = 0; filter < filters; filter++) {
      long zero = zeroPoint == null ? 0 : zeroPoint.asLong(filter % zeroPoint.size());
      for (int tap = 0; tap < kernel; tap++) {
        long from = (long) filter * kernel + tap;
        long to = (long) tap * filters + filter;
        if (isFloat) {
          taps.setFloat(to, weights.getFloat(from));
        } else {
          taps.setInt(to, (int) (weights.asLong(from) - zero));
        }
      }
    }
    return taps.segment();
  }

  /**
   * Packs the filters of each group.
   *
   * @param pack takes [filters / groups, kernelHeight * kernelWidth * channels / groups], which is
   *     gone afterwards, and the group
   */
  static <P> List<P> perGroup(Tensor weights, int groups, BiFunction<Tensor, Integer, P> pack) {
    Shape shape = weights.shape();
    int filters = shape.extent(0) / groups;
    int channels = shape.extent(1);
    int kernel = shape.product(2, 4);
    List<P> packed = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      try (TensorArena scratch = new TensorArena()) {
        Tensor matrix =
            scratch.allocate(weights.type().withShape(Shape.of(filters, kernel * channels)));
        for (int filter = 0; filter < filters; filter++) {
          long first = ((long) group * filters + filter) * channels * kernel;
          long target = (long) filter * kernel * channels;
          for (int i = 0; i < channels * kernel; i++) {
            long to = target + (long) (i % kernel) * channels + i / kernel;
            copy(weights, first + i, matrix, to);
          }
        }
        packed.add(pack.apply(matrix, group));
      }
    }
    return List.copyOf(packed);
  }

  private static void copy(Tensor from, long at, Tensor to, long target) {
    if (from.dtype() == DType.FLOAT32) {
      to.setFloat(target, from.getFloat(at));
    } else {
      to.setFromLong(target, from.asLong(at));
    }
  }
}
