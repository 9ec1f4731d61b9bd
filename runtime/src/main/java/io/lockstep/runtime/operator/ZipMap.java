package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX-ML ZipMap 1. ONNX makes a list of maps, label to probability, of [rows, classes]; a server
 * of tensors has no such type, so the probabilities pass through, in the order of the labels.
 */
record ZipMap() implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new ZipMap();
  }

  @Override
  public String name() {
    return "ZipMap";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return PreparedOperator.view();
  }
}
