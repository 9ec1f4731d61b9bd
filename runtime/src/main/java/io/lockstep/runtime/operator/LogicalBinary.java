package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX And, Or, Xor 7, of BOOL element by element after broadcasting.
 *
 * @param name the ONNX operator
 */
record LogicalBinary(String name, Junction junction) implements ElementStep {

  /** The factory of an operator. */
  static Function<NodeAttributes, Operator> of(Junction junction) {
    return attributes ->
        LegacyBroadcast.of(attributes, new LogicalBinary(attributes.operator(), junction));
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Join(junction, operands.get(0), operands.get(1));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.BOOL || inputs.dtype(1) != DType.BOOL) {
      throw inputs.invalid(
          "operands are %s and %s, expected BOOL".formatted(inputs.type(0), inputs.type(1)));
    }
    return List.of(
        new TensorType(DType.BOOL, BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseThrow();
  }
}
