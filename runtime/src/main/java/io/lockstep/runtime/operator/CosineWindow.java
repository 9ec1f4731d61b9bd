package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX HannWindow, HammingWindow and BlackmanWindow 17: y[i] = a0 - a1 cos(2 pi i / n) + a2 cos(4
 * pi i / n), with n the size, or one less for a symmetric window. The input is the size.
 *
 * @param name the ONNX operator
 */
record CosineWindow(String name, double a0, double a1, double a2, boolean periodic, DType dtype)
    implements Operator {

  static Function<NodeAttributes, Operator> of(double a0, double a1, double a2) {
    return attributes ->
        new CosineWindow(
            attributes.operator(),
            a0,
            a1,
            a2,
            attributes.intOr("periodic", 1) != 0,
            DType.ofOnnx((int) attributes.intOr("output_datatype", 1)));
  }

  @Override
  public boolean needsValue(int input) {
    return input == 0;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(TensorType.of(dtype, Math.toIntExact(inputs.value(0).asLong(0))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    long size = inputs.value(0).asLong(0);
    double period = Math.max(1, periodic ? size : size - 1);
    return (_, out, _) -> {
      for (long i = 0; i < size; i++) {
        double angle = 2 * Math.PI * i / period;
        out[0].setFromDouble(i, a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle));
      }
    };
  }
}
