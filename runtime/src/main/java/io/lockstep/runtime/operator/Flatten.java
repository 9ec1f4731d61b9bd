package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Flatten 1-25: a matrix of the axes before {@code axis} times those from it on. */
public record Flatten(int axis) implements Operator {

  static Flatten of(NodeAttributes attributes) {
    return new Flatten(Math.toIntExact(attributes.intOr("axis", 1)));
  }

  @Override
  public String name() {
    return "Flatten";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int at = axis == x.rank() ? axis : Axes.resolve(inputs, axis, Math.max(1, x.rank()));
    return List.of(inputs.type(0).withShape(Shape.of(x.product(0, at), x.product(at, x.rank()))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return PreparedOperator.view();
  }
}
