package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX-ML OneHotEncoder 1: x [...] to FLOAT32 [..., categories], 1 at the element's category.
 *
 * @param texts the categories of texts; empty for integers
 * @param allowUnknown whether an unknown element gives zeros rather than an error
 */
record OneHotEncoder(List<String> texts, List<Long> numbers, boolean allowUnknown)
    implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new OneHotEncoder(
        attributes.strings("cats_strings"),
        Arrays.stream(attributes.ints("cats_int64s")).boxed().toList(),
        attributes.intOr("zeros", 1) != 0);
  }

  @Override
  public String name() {
    return "OneHotEncoder";
  }

  private int categories() {
    return texts.isEmpty() ? numbers.size() : texts.size();
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int[] extents = Arrays.copyOf(inputs.shape(0).toArray(), inputs.shape(0).rank() + 1);
    extents[extents.length - 1] = categories();
    return List.of(new TensorType(DType.FLOAT32, Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    boolean isText = inputs.dtype(0) == DType.STRING;
    int categories = categories();
    return (in, out, run) -> {
      out[0].segment().fill((byte) 0);
      for (long i = 0; i < in[0].size(); i++) {
        int category =
            isText ? texts.indexOf(in[0].getString(i)) : numbers.indexOf(in[0].asLong(i));
        if (category >= 0) {
          out[0].setFloat(i * categories + category, 1);
        } else if (!allowUnknown) {
          throw new InvalidInputException(
              "OneHotEncoder: element " + i + " is none of the " + categories + " categories");
        }
      }
    };
  }
}
