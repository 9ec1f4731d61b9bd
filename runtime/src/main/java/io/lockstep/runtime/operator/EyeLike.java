package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX EyeLike 9-22: a matrix of the shape of x with ones on a diagonal.
 *
 * @param diagonal which one: 0 the main diagonal, 1 the one above it
 * @param dtype ONNX's number of the element type; 0 for that of x
 */
record EyeLike(long diagonal, int dtype) implements Operator {

  static EyeLike of(NodeAttributes attributes) {
    return new EyeLike(attributes.intOr("k", 0), Math.toIntExact(attributes.intOr("dtype", 0)));
  }

  @Override
  public String name() {
    return "EyeLike";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.shape(0).rank() != 2) {
      throw inputs.invalid("expected a matrix but got " + inputs.type(0));
    }
    DType made = dtype == 0 ? inputs.dtype(0) : DType.ofOnnx(dtype);
    return List.of(inputs.type(0).withDType(made));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    int rows = inputs.shape(0).extent(0);
    int columns = inputs.shape(0).extent(1);
    return (_, out, _) -> {
      out[0].segment().fill((byte) 0);
      for (int row = 0; row < rows; row++) {
        long column = row + diagonal;
        if (column >= 0 && column < columns) {
          out[0].setFromLong((long) row * columns + column, 1);
        }
      }
    };
  }
}
