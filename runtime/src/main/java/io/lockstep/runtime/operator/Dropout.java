package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Dropout 7-22 at inference: y = x; the optional second output, which elements were kept, is
 * true throughout. Training is refused, unless nothing is to be dropped.
 *
 * @param mask whether the second output is wanted
 * @param maskOfX whether it has the type of x, as up to version 9, rather than BOOL
 */
public record Dropout(boolean mask, boolean maskOfX) implements Operator {

  /** The input that tells whether to drop anything. */
  public static final int TRAINING = 2;

  private static final int RATIO = 1;

  static Operator of(NodeAttributes attributes) {
    return new Dropout(attributes.outputCount() > 1, attributes.opset() < 10);
  }

  @Override
  public String name() {
    return "Dropout";
  }

  @Override
  public boolean needsValue(int input) {
    return input == RATIO || input == TRAINING;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    boolean trains = inputs.has(TRAINING) && inputs.value(TRAINING).getBoolean(0);
    boolean keepsAll = inputs.has(RATIO) && inputs.value(RATIO).asDouble(0) == 0;
    if (trains && !keepsAll) {
      throw new UnsupportedModelException("Dropout: training_mode is true");
    }
    TensorType x = inputs.type(0);
    return mask ? List.of(x, maskOfX ? x : x.withDType(DType.BOOL)) : List.of(x);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    if (!mask) {
      return PreparedOperator.view();
    }
    return (in, out, _) -> {
      out[0].copyFrom(in[0]);
      Tensor kept = out[1];
      for (long i = 0; i < kept.size(); i++) {
        kept.setFromLong(i, 1);
      }
    };
  }
}
