package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;

/**
 * ONNX ConstantOfShape 9-25: a tensor of the shape in input 0, filled with one value.
 *
 * @param value one element; a float zero when the model names none
 */
record ConstantOfShape(Tensor value) implements Operator {

  static ConstantOfShape of(NodeAttributes attributes) {
    return new ConstantOfShape(attributes.tensor("value").orElse(Tensors.scalar(0f)));
  }

  @Override
  public String name() {
    return "ConstantOfShape";
  }

  @Override
  public boolean needsValue(int input) {
    return true;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (value.size() != 1) {
      throw inputs.invalid("expected one value but got " + value.type());
    }
    return List.of(new TensorType(value.dtype(), Shape.ofLongs(inputs.value(0).toLongs())));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    StridedCopy fill =
        Expand.spread(
            new TensorType(value.dtype(), Shape.scalar()), outputTypes(inputs).getFirst().shape());
    return (_, out, run) -> fill.run(value, out[0], run);
  }
}
