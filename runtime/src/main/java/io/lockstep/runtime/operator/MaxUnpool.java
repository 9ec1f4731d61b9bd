package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX MaxUnpool 9-22: puts the elements of x back where MaxPool took them from, zeros elsewhere.
 *
 * <p>Inputs: x [batch, channels, spatial...]; indices INT64 of x's shape, into the flattened tensor
 * that the pooling's attributes imply; optionally the output's shape, which may be larger than
 * that.
 */
record MaxUnpool(TransposedWindow window) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new MaxUnpool(TransposedWindow.of(attributes));
  }

  @Override
  public String name() {
    return "MaxUnpool";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 2;
  }

  private Shape implied(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (!inputs.shape(1).equals(x)) {
      throw inputs.invalid("indices %s do not fit the input %s".formatted(inputs.shape(1), x));
    }
    return TransposedWindow.image(window.resolve(inputs, x), x, x.extent(1));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape implied = implied(inputs);
    Shape y = inputs.has(2) ? Shape.ofLongs(inputs.value(2).toLongs()) : implied;
    boolean fits = y.rank() == implied.rank();
    for (int axis = 0; fits && axis < y.rank(); axis++) {
      fits = y.extent(axis) >= implied.extent(axis);
    }
    if (!fits) {
      throw inputs.invalid("output_shape " + y + " does not hold the pooled shape " + implied);
    }
    return List.of(inputs.type(0).withShape(y));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape implied = implied(inputs);
    long[] from = implied.strides();
    long[] to = outputTypes(inputs).getFirst().shape().strides();
    return (in, out, run) -> {
      Tensor y = out[0];
      y.segment().fill((byte) 0);
      for (long i = 0; i < in[0].size(); i++) {
        long index = in[1].getLong(i);
        if (index < 0 || index >= implied.size()) {
          throw new InvalidInputException("MaxUnpool: index %d of %s".formatted(index, implied));
        }
        long at = 0;
        for (int axis = 0; axis < from.length; axis++) {
          at += index / from[axis] % implied.extent(axis) * to[axis];
        }
        y.setFromDouble(at, in[0].asDouble(i));
      }
    };
  }
}
