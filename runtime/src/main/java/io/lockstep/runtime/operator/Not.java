package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Not 1, of BOOL. */
record Not() implements ElementStep {

  static Operator of(NodeAttributes attributes) {
    return new Not();
  }

  @Override
  public String name() {
    return "Not";
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return ElementChain.not(operands.getFirst());
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.BOOL) {
      throw inputs.invalid("x is " + inputs.type(0) + ", expected BOOL");
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseThrow();
  }
}
