package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Sign 9-13: -1, 0 or 1 as x is negative, zero or positive; a NaN stays one. */
record Sign() implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new Sign();
  }

  @Override
  public String name() {
    return "Sign";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    if (inputs.dtype(0) == DType.UINT64) {
      long size = inputs.shape(0).size();
      return (in, out, _) -> {
        for (long i = 0; i < size; i++) {
          out[0].setLong(i, in[0].getLong(i) == 0 ? 0 : 1);
        }
      };
    }
    return RealLoop.prepare(Math::signum, Long::signum, inputs.type(0));
  }
}
