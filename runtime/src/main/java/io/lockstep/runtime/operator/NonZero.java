package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** ONNX NonZero 9-13: the places of all elements other than zero, column by column; y: INT64. */
record NonZero() implements DataDependentOperator {

  static NonZero of(NodeAttributes attributes) {
    return new NonZero();
  }

  @Override
  public String name() {
    return "NonZero";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor x = Objects.requireNonNull(inputs.getFirst(), "NonZero: the input is missing");
    int rank = x.shape().rank();
    int count = 0;
    for (long i = 0; i < x.size(); i++) {
      count += isZero(x, i) ? 0 : 1;
    }
    Tensor y = context.allocate(TensorType.of(DType.INT64, rank, count));
    int column = 0;
    for (long i = 0; i < x.size(); i++) {
      if (!isZero(x, i)) {
        long rest = i;
        for (int axis = rank - 1; axis >= 0; axis--) {
          y.setLong((long) axis * count + column, rest % x.shape().extent(axis));
          rest /= x.shape().extent(axis);
        }
        column++;
      }
    }
    return List.of(y);
  }

  private static boolean isZero(Tensor x, long i) {
    return x.dtype() == DType.STRING
        ? x.getString(i).isEmpty()
        : x.dtype().isFloat() ? x.asDouble(i) == 0 : x.asLong(i) == 0;
  }
}
