package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Squeeze 1-25: x without some axes of extent 1.
 *
 * @param axes which ones, where they are an attribute (before version 13); else they are input 1,
 *     and without it all of extent 1
 */
public record Squeeze(List<Long> axes) implements Operator {

  static Squeeze of(NodeAttributes attributes) {
    return new Squeeze(LongStream.of(attributes.ints("axes")).boxed().toList());
  }

  @Override
  public String name() {
    return "Squeeze";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long @Nullable [] named = inputs.longsOrNull(1);
    if (named == null && !axes.isEmpty()) {
      named = axes.stream().mapToLong(Long::longValue).toArray();
    }
    boolean all = named == null;
    boolean[] dropped = Axes.marked(inputs, named == null ? new long[0] : named, x.rank());
    for (int axis = 0; axis < x.rank(); axis++) {
      if (dropped[axis] && x.extent(axis) != 1) {
        throw inputs.invalid("axis %d of %s has no extent of 1".formatted(axis, x));
      }
      dropped[axis] |= all && x.extent(axis) == 1;
    }
    int[] kept =
        IntStream.range(0, x.rank()).filter(axis -> !dropped[axis]).map(x::extent).toArray();
    return List.of(inputs.type(0).withShape(Shape.of(kept)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return PreparedOperator.view();
  }
}
