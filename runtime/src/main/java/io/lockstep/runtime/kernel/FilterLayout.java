package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Filters [filters, channels / groups, kernelHeight, kernelWidth] in the order of windows. */
final class FilterLayout {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

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
   * @param pack takes [filters / groups, kernelHeight * kernelWidth * channels / groups], which may
   *     be gone afterwards, and the group
   */
  static <P> List<P> perGroup(Tensor weights, int groups, BiFunction<Tensor, Integer, P> pack) {
    Shape shape = weights.shape();
    int filters = shape.extent(0) / groups;
    int channels = shape.extent(1);
    int kernel = shape.product(2, 4);
    TensorType type = weights.type().withShape(Shape.of(filters, kernel * channels));
    List<P> packed = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      long first = group * type.bytes();
      Tensor own = Tensor.of(type, weights.segment().asSlice(first, type.bytes()));
      if (kernel == 1 || channels == 1) {
        packed.add(pack.apply(own, group));
        continue;
      }
      try (TensorArena scratch = new TensorArena()) {
        Tensor matrix = scratch.allocate(type);
        turn(own, channels, kernel, matrix);
        packed.add(pack.apply(matrix, group));
      }
    }
    return List.copyOf(packed);
  }

  /** Brings [filters, channels, kernel] into [filters, kernel, channels]. */
  private static void turn(Tensor from, int channels, int kernel, Tensor to) {
    int length = channels * kernel;
    int[] filter = new int[length];
    int[] turned = new int[length];
    for (long first = 0; first < from.size(); first += length) {
      if (from.dtype() != DType.FLOAT32) {
        for (int i = 0; i < length; i++) {
          long target = first + (long) (i % kernel) * channels + i / kernel;
          to.setFromLong(target, from.asLong(first + i));
        }
        continue;
      }
      // Arrays are quick before the JVM has compiled what reads and writes tensors.
      MemorySegment.copy(from.segment(), INT, first * Integer.BYTES, filter, 0, length);
      for (int channel = 0, i = 0; channel < channels; channel++) {
        for (int at = channel; at < length; at += channels) {
          turned[at] = filter[i++];
        }
      }
      MemorySegment.copy(turned, 0, to.segment(), INT, first * Integer.BYTES, length);
    }
  }
}
