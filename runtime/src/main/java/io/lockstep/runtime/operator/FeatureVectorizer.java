package io.lockstep.runtime.operator;

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
 * ONNX-ML FeatureVectorizer 1: puts the columns of all inputs [rows, columns] side by side as
 * FLOAT32.
 *
 * @param widths columns of each input's part; an input with fewer is filled up with zeros
 */
record FeatureVectorizer(List<Long> widths) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new FeatureVectorizer(
        Arrays.stream(attributes.ints("inputdimensions")).boxed().toList());
  }

  @Override
  public String name() {
    return "FeatureVectorizer";
  }

  private int width(OperatorInputs inputs, int input) {
    return input < widths.size()
        ? Math.toIntExact(widths.get(input))
        : inputs.shape(input).extent(-1);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int rows = rows(inputs, 0);
    int total = 0;
    for (int i = 0; i < inputs.count(); i++) {
      if (rows(inputs, i) != rows) {
        throw inputs.invalid("input %d has %d rows, not %d".formatted(i, rows(inputs, i), rows));
      }
      total += width(inputs, i);
    }
    return List.of(new TensorType(DType.FLOAT32, Shape.of(rows, total)));
  }

  private static int rows(OperatorInputs inputs, int input) {
    return inputs.shape(input).rank() < 2 ? 1 : inputs.shape(input).extent(0);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape y = outputTypes(inputs).getFirst().shape();
    int[] width = new int[inputs.count()];
    int[] columns = new int[inputs.count()];
    for (int i = 0; i < width.length; i++) {
      width[i] = width(inputs, i);
      columns[i] =
          inputs.shape(i).rank() < 2
              ? inputs.shape(i).intSize()
              : inputs.shape(i).product(1, inputs.shape(i).rank());
    }
    return (in, out, run) -> {
      for (int row = 0; row < y.extent(0); row++) {
        long at = (long) row * y.extent(1);
        for (int input = 0; input < width.length; input++) {
          for (int i = 0; i < width[input]; i++) {
            double value =
                i < columns[input] ? in[input].asDouble((long) row * columns[input] + i) : 0;
            out[0].setFromDouble(at++, value);
          }
        }
      }
    };
  }
}
