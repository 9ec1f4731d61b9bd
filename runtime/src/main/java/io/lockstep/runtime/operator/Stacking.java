package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Stacks tensors along a new axis and takes slices from an axis, whatever the element type. */
final class Stacking {

  private Stacking() {}

  /** Tensors of one type as one tensor with a new axis of their number. */
  static Tensor stack(List<Tensor> parts, int axis, EvaluationContext context) {
    Shape part = parts.getFirst().shape();
    int rank = part.rank() + 1;
    int at = axis < 0 ? axis + rank : axis;
    int[] extents = new int[rank];
    for (int i = 0; i < rank; i++) {
      extents[i] = i == at ? parts.size() : part.extent(i < at ? i : i - 1);
    }
    Tensor whole = context.allocate(parts.getFirst().type().withShape(Shape.of(extents)));
    for (int index = 0; index < parts.size(); index++) {
      if (!parts.get(index).type().equals(parts.getFirst().type())) {
        throw new InvalidModelException(
            "a scanned value changed from " + parts.getFirst() + " to " + parts.get(index));
      }
      copy(whole, at, index, parts.get(index), true);
    }
    return whole;
  }

  /** The elements at one index of an axis, without that axis. */
  static Tensor slice(Tensor whole, int axis, int index, EvaluationContext context) {
    int at = whole.shape().axis(axis);
    int[] extents = new int[whole.shape().rank() - 1];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = whole.shape().extent(i < at ? i : i + 1);
    }
    Tensor part = context.allocate(whole.type().withShape(Shape.of(extents)));
    copy(whole, at, index, part, false);
    return part;
  }

  private static void copy(Tensor whole, int axis, int index, Tensor part, boolean intoWhole) {
    Shape shape = whole.shape();
    int outer = shape.product(0, axis);
    int inner = shape.product(axis + 1, shape.rank());
    int extent = shape.extent(axis);
    for (int o = 0; o < outer; o++) {
      long wholeAt = ((long) o * extent + index) * inner;
      long partAt = (long) o * inner;
      if (intoWhole) {
        copy(part, partAt, whole, wholeAt, inner);
      } else {
        copy(whole, wholeAt, part, partAt, inner);
      }
    }
  }

  private static void copy(Tensor from, long fromAt, Tensor to, long toAt, int count) {
    if (from.dtype() == DType.STRING) {
      System.arraycopy(from.strings(), (int) fromAt, to.strings(), (int) toAt, count);
      return;
    }
    int bytes = from.dtype().bytes();
    MemorySegment.copy(
        from.segment(), fromAt * bytes, to.segment(), toAt * bytes, (long) count * bytes);
  }
}
