package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX CastLike 15-25: the first input in the element type of the second. */
record CastLike() implements Operator {

  static CastLike of(NodeAttributes attributes) {
    return new CastLike();
  }

  @Override
  public String name() {
    return "CastLike";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0).withDType(inputs.dtype(1)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return Conversion.prepare(inputs.dtype(0), inputs.dtype(1));
  }
}
