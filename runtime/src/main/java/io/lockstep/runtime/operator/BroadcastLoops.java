package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks tensors of different shapes together under NumPy's broadcasting rule. Neighbouring axes
 * along which every operand behaves alike are merged, so that what remains is a few outer axes
 * around one long stretch, in which an operand either has neighbouring elements or a single one.
 */
final class BroadcastLoops {

  /** Elements that are worth a thread of their own. */
  private static final int GRAIN = 16384;

  /** Work on the elements [from, to) of one stretch. */
  @FunctionalInterface
  interface Stretch {
    void run(int outer, int from, int to);
  }

  /** Work on so many stretches that follow each other along their last axis. */
  @FunctionalInterface
  interface Rows {
    void run(int stretch, int count);
  }

  private final int outer;
  private final int inner;
  private final int[] outerExtents;
  private final long[][] strides; // [operand][outer axis, then the inner one], in elements

  private BroadcastLoops(int[] extents, long[][] strides) {
    int last = extents.length - 1;
    this.inner = extents[last];
    this.outerExtents = Arrays.copyOf(extents, last);
    this.strides = strides;
    int product = inner == 0 ? 0 : 1;
    for (int extent : outerExtents) {
      product = Math.multiplyExact(product, extent);
    }
    this.outer = product;
  }

  /** The shape that operands of these shapes have together. */
  static Shape shape(OperatorInputs inputs, Shape a, Shape b) {
    Shape shape = joined(a, b);
    if (shape == null) {
      throw inputs.invalid("shapes %s and %s do not broadcast".formatted(a, b));
    }
    return shape;
  }

  /** The same; null where there is none. */
  static @Nullable Shape joined(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] extents = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.extent(-i) : 1;
      int y = i <= b.rank() ? b.extent(-i) : 1;
      if (x != y && x != 1 && y != 1) {
        return null;
      }
      extents[rank - i] = x == 1 ? y : x;
    }
    return Shape.of(extents);
  }

  /** The strides of an operand along the axes of the shape that it broadcasts to. */
  static long[] strides(Shape output, Shape operand) {
    long[] strides = new long[output.rank()];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = stride(operand, axis - output.rank() + operand.rank());
    }
    return strides;
  }

  /** The loops over operands that all broadcast to {@code output}. */
  static BroadcastLoops of(Shape output, Shape... operands) {
    output.intSize();
    List<Integer> extents = new ArrayList<>();
    List<long[]> axes = new ArrayList<>(); // [axis][operand]
    for (int axis = 0; axis < output.rank(); axis++) {
      int extent = output.extent(axis);
      if (extent == 1) {
        continue;
      }
      long[] stride = new long[operands.length];
      for (int i = 0; i < stride.length; i++) {
        stride[i] = stride(operands[i], axis - output.rank() + operands[i].rank());
      }
      int last = axes.size() - 1;
      if (last >= 0 && isMergeable(axes.get(last), stride, extent)) {
        extents.set(last, extents.get(last) * extent);
        axes.set(last, stride);
      } else {
        extents.add(extent);
        axes.add(stride);
      }
    }
    if (axes.isEmpty()) {
      extents.add(1);
      axes.add(new long[operands.length]);
    }
    long[][] strides = new long[operands.length][axes.size()];
    for (int i = 0; i < operands.length; i++) {
      for (int axis = 0; axis < axes.size(); axis++) {
        strides[i][axis] = axes.get(axis)[i];
      }
    }
    return new BroadcastLoops(extents.stream().mapToInt(Integer::intValue).toArray(), strides);
  }

  private static long stride(Shape operand, int axis) {
    return axis < 0 || operand.extent(axis) == 1 ? 0 : operand.product(axis + 1, operand.rank());
  }

  private static boolean isMergeable(long[] outer, long[] inner, int extent) {
    for (int i = 0; i < outer.length; i++) {
      if (outer[i] != inner[i] * extent) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether an operand has an element of its own for each of a stretch, rather than one for all.
   */
  boolean isSpread(int operand) {
    return strides[operand][outerExtents.length] != 0;
  }

  /** The index of an operand's element for the one at {@code position} of a stretch. */
  long offset(int operand, int stretch, int position) {
    long[] stride = strides[operand];
    long offset = position * stride[outerExtents.length];
    int rest = stretch;
    for (int axis = outerExtents.length - 1; axis >= 0; axis--) {
      offset += rest % outerExtents[axis] * stride[axis];
      rest /= outerExtents[axis];
    }
    return offset;
  }

  /** The index of the output's element at {@code position} of a stretch. */
  long output(int stretch, int position) {
    return (long) stretch * inner + position;
  }

  /** Elements of a stretch. */
  int inner() {
    return inner;
  }

  /** How far an operand moves on from one stretch to the next one along their last axis. */
  long rowStride(int operand) {
    int last = outerExtents.length - 1;
    return last < 0 ? 0 : strides[operand][last];
  }

  /** Runs {@code body} over stretches of one after the other, from one along their last axis on. */
  void forEachRows(ComputePool pool, Rows body) {
    int rows = outerExtents.length == 0 ? 1 : outerExtents[outerExtents.length - 1];
    pool.parallelFor(
        outer,
        Math.max(1, GRAIN / Math.max(1, inner)),
        (from, to) -> {
          for (int stretch = from; stretch < to; ) {
            int count = Math.min(to - stretch, rows - stretch % rows);
            body.run(stretch, count);
            stretch += count;
          }
        });
  }

  /** Runs {@code body} over all stretches, shared out over the pool when there is much to do. */
  void forEach(ComputePool pool, Stretch body) {
    if (outer == 1) {
      int chunks = (inner + GRAIN - 1) / GRAIN;
      pool.parallelFor(
          chunks,
          1,
          (from, to) -> body.run(0, from * GRAIN, (int) Math.min(inner, (long) to * GRAIN)));
      return;
    }
    pool.parallelFor(
        outer,
        Math.max(1, GRAIN / Math.max(1, inner)),
        (from, to) -> {
          for (int stretch = from; stretch < to; stretch++) {
            body.run(stretch, 0, inner);
          }
        });
  }
}
