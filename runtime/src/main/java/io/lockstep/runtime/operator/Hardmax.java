package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Hardmax 1-13: 1 for the first largest element along an axis, 0 for all others.
 *
 * @param flattens as up to version 12: all axes from this one on count as one
 */
record Hardmax(long axis, boolean flattens) implements Operator {

  static Operator of(NodeAttributes attributes) {
    boolean flattens = attributes.opset() < 13;
    return new Hardmax(attributes.intOr("axis", flattens ? 1 : -1), flattens);
  }

  @Override
  public String name() {
    return "Hardmax";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Lanes lanes = Lanes.of(inputs, axis, flattens);
    return (in, out, _) -> lanes.forEach(first -> lane(in[0], out[0], first, lanes));
  }

  private static void lane(Tensor x, Tensor y, long first, Lanes lanes) {
    int largest = 0;
    for (int i = 1; i < lanes.length(); i++) {
      if (x.asDouble(first + (long) i * lanes.inner())
          > x.asDouble(first + (long) largest * lanes.inner())) {
        largest = i;
      }
    }
    for (int i = 0; i < lanes.length(); i++) {
      y.setFromDouble(first + (long) i * lanes.inner(), i == largest ? 1 : 0);
    }
  }
}
