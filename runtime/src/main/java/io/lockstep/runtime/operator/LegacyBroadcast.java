package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator of two operands whose second one stands at another axis than the last: as before
 * version 7 of the operator set, where an attribute said where it starts.
 *
 * @param axis the axis of the first operand that the first axis of the second one meets
 */
record LegacyBroadcast(long axis, Operator operator) implements Operator {

  private static final int NEWEST = 6;

  /** The operator as its node's version broadcasts it. */
  static Operator of(NodeAttributes attributes, Operator operator) {
    if (attributes.opset() > NEWEST) {
      return operator;
    }
    if (attributes.operator().equals("PRelu")) {
      // One slope a channel, or a single one.
      return new LegacyBroadcast(1, operator);
    }
    boolean moved = attributes.intOr("broadcast", 0) != 0 && attributes.has("axis");
    return moved ? new LegacyBroadcast(attributes.intOr("axis", 0), operator) : operator;
  }

  @Override
  public String name() {
    return operator.name();
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return operator.outputTypes(aligned(inputs));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return operator.prepare(aligned(inputs), context);
  }

  /** The operands with axes of extent 1 behind the second one, so that it ends where x does. */
  private OperatorInputs aligned(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape y = inputs.shape(1);
    if (y.size() == 1 && y.rank() <= x.rank()) {
      return inputs;
    }
    int first = Axes.resolve(inputs, axis, x.rank());
    if (first + y.rank() > x.rank()) {
      throw inputs.invalid("%s at axis %d does not fit %s".formatted(y, first, x));
    }
    int[] extents = Arrays.copyOf(y.toArray(), x.rank() - first);
    Arrays.fill(extents, y.rank(), extents.length, 1);
    Shape aligned = Shape.of(extents);
    @Nullable Tensor constant = inputs.constant(1).orElse(null);
    return new OperatorInputs(
        name(),
        Arrays.asList(inputs.type(0), inputs.type(1).withShape(aligned)),
        Arrays.asList(
            inputs.constant(0).orElse(null), constant == null ? null : constant.reshaped(aligned)));
  }
}
