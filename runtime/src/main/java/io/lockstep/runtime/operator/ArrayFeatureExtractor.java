package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * ONNX-ML ArrayFeatureExtractor 1: the columns of x [..., features] that an INT64 tensor names; a
 * single row [features] gives [1, names].
 */
record ArrayFeatureExtractor() implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new ArrayFeatureExtractor();
  }

  @Override
  public String name() {
    return "ArrayFeatureExtractor";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() == 0) {
      throw inputs.invalid("input is a scalar, expected [..., features]");
    }
    int names = inputs.shape(1).intSize();
    Shape y = x.rank() == 1 ? Shape.of(1, names) : x.with(-1, names);
    return List.of(inputs.type(0).withShape(y));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int features = x.extent(-1);
    int rows = x.product(0, x.rank() - 1);
    int names = inputs.shape(1).intSize();
    return (in, out, run) -> {
      for (int i = 0; i < names; i++) {
        long column = in[1].asLong(i);
        if (column < 0 || column >= features) {
          throw new InvalidInputException(
              "ArrayFeatureExtractor: column %d of %d".formatted(column, features));
        }
        for (int row = 0; row < rows; row++) {
          copy(in[0], (long) row * features + column, out[0], (long) row * names + i);
        }
      }
    };
  }

  private static void copy(Tensor from, long fromIndex, Tensor to, long toIndex) {
    if (from.dtype() == DType.STRING) {
      to.strings()[(int) toIndex] = from.strings()[(int) fromIndex];
      return;
    }
    int bytes = from.dtype().bytes();
    MemorySegment.copy(from.segment(), fromIndex * bytes, to.segment(), toIndex * bytes, bytes);
  }
}
