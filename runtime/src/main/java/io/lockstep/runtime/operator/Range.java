package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Range 11: start, start + delta, ... as long as it stays before limit. */
record Range() implements Operator {

  static Range of(NodeAttributes attributes) {
    return new Range();
  }

  @Override
  public String name() {
    return "Range";
  }

  @Override
  public boolean needsValue(int input) {
    return true;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Tensor start = inputs.value(0);
    Tensor limit = inputs.value(1);
    Tensor delta = inputs.value(2);
    if (delta.asDouble(0) == 0) {
      throw inputs.invalid("the step is 0");
    }
    long count;
    if (inputs.dtype(0).isFloat()) {
      double steps = (limit.asDouble(0) - start.asDouble(0)) / delta.asDouble(0);
      count = (long) Math.max(0, Math.ceil(steps));
    } else {
      long span = Math.subtractExact(limit.asLong(0), start.asLong(0));
      count = Math.max(0, Math.ceilDiv(span, delta.asLong(0)));
    }
    return List.of(new TensorType(inputs.dtype(0), Shape.ofLongs(count)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    if (inputs.dtype(0).isFloat()) {
      double start = inputs.value(0).asDouble(0);
      double delta = inputs.value(2).asDouble(0);
      return (_, out, _) -> {
        for (long i = 0; i < out[0].size(); i++) {
          out[0].setFromDouble(i, start + (double) i * delta);
        }
      };
    }
    long start = inputs.value(0).asLong(0);
    long delta = inputs.value(2).asLong(0);
    return (_, out, _) -> {
      for (long i = 0; i < out[0].size(); i++) {
        out[0].setFromLong(i, start + i * delta);
      }
    };
  }
}
