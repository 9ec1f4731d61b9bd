package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Unique 11: the distinct entries of x along an axis, where each first stands, which one
 * stands at each place of x, and how often each occurs.
 *
 * @param axis empty for the elements of x one by one
 * @param sorted whether the entries come in ascending order rather than that of appearance
 */
record Unique(OptionalLong axis, boolean sorted) implements DataDependentOperator {

  static Unique of(NodeAttributes attributes) {
    return new Unique(
        attributes.has("axis")
            ? OptionalLong.of(attributes.intOr("axis", 0))
            : OptionalLong.empty(),
        attributes.intOr("sorted", 1) != 0);
  }

  @Override
  public String name() {
    return "Unique";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor given = Objects.requireNonNull(inputs.get(0), "Unique: the input is missing");
    Tensor x = axis.isPresent() ? given : given.reshaped(Shape.of(given.shape().intSize()));
    int along = x.shape().axis(Math.toIntExact(axis.orElse(0)));
    Entries entries = new Entries(x, along);
    Integer[] order = new Integer[entries.extent];
    Arrays.setAll(order, i -> i);
    // The sort is stable, so that equal entries stay in the order of appearance.
    Arrays.sort(order, entries::compare);
    int[] firsts = firsts(entries, order);
    int[] inverse = inverse(entries, order, firsts);
    Tensor y = context.allocate(x.type().withShape(x.shape().with(along, firsts.length)));
    Tensor counts = context.allocate(TensorType.of(DType.INT64, firsts.length));
    for (int i = 0; i < firsts.length; i++) {
      entries.copy(firsts[i], y, i, firsts.length);
    }
    for (int entry : inverse) {
      counts.setLong(entry, counts.getLong(entry) + 1);
    }
    return List.of(y, vector(firsts, context), vector(inverse, context), counts);
  }

  /** Where each distinct entry first stands, in the order of the answer. */
  private int[] firsts(Entries entries, Integer[] order) {
    int[] firsts = new int[order.length];
    int count = 0;
    for (int i = 0; i < order.length; i++) {
      if (i == 0 || entries.compare(order[i - 1], order[i]) != 0) {
        firsts[count++] = order[i];
      }
    }
    int[] distinct = Arrays.copyOf(firsts, count);
    if (!sorted) {
      Arrays.sort(distinct);
    }
    return distinct;
  }

  /** Which distinct entry stands at each place of x. */
  private static int[] inverse(Entries entries, Integer[] order, int[] firsts) {
    int[] rank = new int[order.length];
    for (int i = 0; i < firsts.length; i++) {
      rank[firsts[i]] = i;
    }
    int[] inverse = new int[order.length];
    int first = 0;
    for (int i = 0; i < order.length; i++) {
      if (i == 0 || entries.compare(order[i - 1], order[i]) != 0) {
        first = order[i];
      }
      inverse[order[i]] = rank[first];
    }
    return inverse;
  }

  private static Tensor vector(int[] values, EvaluationContext context) {
    Tensor tensor = context.allocate(TensorType.of(DType.INT64, values.length));
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  /** The entries of a tensor along an axis. */
  private static final class Entries {
    private final Tensor x;
    private final int outer;
    private final int extent;
    private final int inner;

    Entries(Tensor x, int axis) {
      this.x = x;
      this.outer = x.shape().product(0, axis);
      this.extent = x.shape().extent(axis);
      this.inner = x.shape().product(axis + 1, x.shape().rank());
    }

    private long place(int entry, int i, int entries) {
      return ((long) (i / inner) * entries + entry) * inner + i % inner;
    }

    int compare(int left, int right) {
      for (int i = 0; i < outer * inner; i++) {
        int order = Elements.compare(x, place(left, i, extent), x, place(right, i, extent));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    void copy(int entry, Tensor y, int to, int entries) {
      for (int i = 0; i < outer * inner; i++) {
        Elements.copy(x, place(entry, i, extent), y, place(to, i, entries));
      }
    }
  }
}
