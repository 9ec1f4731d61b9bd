package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Expand 8-13: x broadcast together with the shape in input 1. */
record Expand() implements Operator {

  static Expand of(NodeAttributes attributes) {
    return new Expand();
  }

  @Override
  public String name() {
    return "Expand";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape wanted = Shape.ofLongs(inputs.value(1).toLongs());
    return List.of(inputs.type(0).withShape(BroadcastLoops.shape(inputs, inputs.shape(0), wanted)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    return spread(inputs.type(0), outputTypes(inputs).getFirst().shape()).prepared(x.size());
  }

  /** The copy that repeats x along every axis of extent 1 until it has this shape. */
  static StridedCopy spread(TensorType x, Shape to) {
    int added = to.rank() - x.shape().rank();
    long[] strides = x.shape().strides();
    long[] spread = new long[to.rank()];
    for (int axis = added; axis < spread.length; axis++) {
      spread[axis] = x.shape().extent(axis - added) == 1 ? 0 : strides[axis - added];
    }
    return StridedCopy.gather(x.dtype(), to, 0, spread);
  }
}
