package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX BitwiseNot 18: every bit of an integer turned over. */
record BitwiseNot() implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new BitwiseNot();
  }

  @Override
  public String name() {
    return "BitwiseNot";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (!inputs.dtype(0).isInteger()) {
      throw inputs.invalid("x is " + inputs.type(0) + ", expected integers");
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    long size = inputs.shape(0).size();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            Chunks.forEach(
                run.pool(),
                size,
                (first, count) -> {
                  for (long i = first; i < first + count; i++) {
                    out[0].setFromLong(i, ~in[0].asLong(i));
                  }
                }));
  }
}
