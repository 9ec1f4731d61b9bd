package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Multinomial 7-22: classes drawn with probabilities in proportion to exp(x); x: [batch,
 * classes], y: integers [batch, samples].
 *
 * @param dtype ONNX's number of the element type of y
 */
record Multinomial(int samples, int dtype, Chance chance) implements Operator {

  static Multinomial of(NodeAttributes attributes) {
    return new Multinomial(
        Math.toIntExact(attributes.intOr("sample_size", 1)),
        Math.toIntExact(attributes.intOr("dtype", DType.INT32.onnxCode())),
        Chance.of(attributes));
  }

  @Override
  public String name() {
    return "Multinomial";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() != 2 || x.extent(1) == 0) {
      throw inputs.invalid("expected [batch, classes] but got " + inputs.type(0));
    }
    return List.of(TensorType.of(DType.ofOnnx(dtype), x.extent(0), samples));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    int classes = inputs.shape(0).extent(1);
    ItemPlaces places = ItemPlaces.of(outputTypes(inputs).getFirst().shape(), context);
    return (in, out, _) -> {
      for (long i = 0; i < out[0].size(); i++) {
        long first = i / samples * classes;
        out[0].setFromLong(i, draw(in[0], first, classes, chance.uniform(places.of(i))));
      }
    };
  }

  /** The class at which the summed probabilities pass {@code threshold}. */
  private static int draw(Tensor x, long first, int classes, double threshold) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      max = Math.max(max, x.asDouble(first + i));
    }
    double total = 0;
    for (int i = 0; i < classes; i++) {
      total += Math.exp(x.asDouble(first + i) - max);
    }
    double left = threshold * total;
    for (int i = 0; i < classes - 1; i++) {
      left -= Math.exp(x.asDouble(first + i) - max);
      if (left < 0) {
        return i;
      }
    }
    return classes - 1;
  }
}
