package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * ONNX RandomNormal, RandomUniform and the two that take their shape from an input, 1-22.
 *
 * @param name the ONNX operator
 * @param normal whether numbers are normal with these parameters (mean, deviation) rather than
 *     uniform (low, high)
 * @param dtype ONNX's number of the element type; 0 for that of the input
 * @param shape the shape, where no input has it
 */
record RandomNumbers(
    String name,
    boolean normal,
    boolean like,
    float first,
    float second,
    int dtype,
    List<Long> shape,
    Chance chance)
    implements Operator {

  static Function<NodeAttributes, Operator> of(boolean normal) {
    return attributes -> {
      boolean like = attributes.operator().endsWith("Like");
      return new RandomNumbers(
          attributes.operator(),
          normal,
          like,
          normal ? attributes.floatOr("mean", 0) : attributes.floatOr("low", 0),
          normal ? attributes.floatOr("scale", 1) : attributes.floatOr("high", 1),
          Math.toIntExact(attributes.intOr("dtype", like ? 0 : DType.FLOAT32.onnxCode())),
          LongStream.of(attributes.ints("shape")).boxed().toList(),
          Chance.of(attributes));
    };
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType made = dtype == 0 ? inputs.dtype(0) : DType.ofOnnx(dtype);
    Shape wanted =
        like ? inputs.shape(0) : Shape.ofLongs(shape.stream().mapToLong(Long::longValue).toArray());
    return List.of(new TensorType(made, wanted));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape y = outputTypes(inputs).getFirst().shape();
    ItemPlaces places = like ? ItemPlaces.of(y, context) : new ItemPlaces(Math.max(1, y.size()));
    return (_, out, _) -> {
      for (long i = 0; i < out[0].size(); i++) {
        long place = places.of(i);
        out[0].setFromDouble(
            i,
            normal
                ? first + second * chance.normal(place)
                : first + (second - first) * chance.uniform(place));
      }
    };
  }
}
