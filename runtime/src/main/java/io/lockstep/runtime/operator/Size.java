package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Optional;

/** ONNX Size 1-25: how many elements x has; y: INT64 scalar. */
record Size() implements Operator {

  static Size of(NodeAttributes attributes) {
    return new Size();
  }

  @Override
  public String name() {
    return "Size";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(TensorType.of(DType.INT64));
  }

  @Override
  public Optional<Tensor> outputFromTypes(OperatorInputs inputs) {
    return Optional.of(Tensors.scalar(inputs.shape(0).size()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    long size = inputs.shape(0).size();
    return (_, out, _) -> out[0].setLong(0, size);
  }
}
