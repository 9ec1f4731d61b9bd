package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** ONNX Constant 1-25: a tensor that the model carries. */
public record Constant(Tensor value) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new Constant(read(attributes));
  }

  private static Tensor read(NodeAttributes attributes) {
    if (attributes.has("value_float")) {
      return Tensors.scalar(attributes.floatOr("value_float", 0));
    }
    if (attributes.has("value_int")) {
      return Tensors.scalar(attributes.intOr("value_int", 0));
    }
    if (attributes.has("value_string")) {
      return Tensors.ofStrings(Shape.scalar(), attributes.stringOr("value_string", ""));
    }
    if (attributes.has("value_floats")) {
      float[] values = attributes.floats("value_floats");
      return Tensors.ofFloats(Shape.of(values.length), values);
    }
    if (attributes.has("value_ints")) {
      return Tensors.vector(attributes.ints("value_ints"));
    }
    if (attributes.has("value_strings")) {
      String[] values = attributes.strings("value_strings").toArray(String[]::new);
      return Tensors.ofStrings(Shape.of(values.length), values);
    }
    return Stream.of("value", "sparse_value")
        .map(attributes::tensor)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(() -> new InvalidModelException("Constant: it has no value"));
  }

  @Override
  public String name() {
    return "Constant";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(value.type());
  }

  @Override
  public Optional<Tensor> outputFromTypes(OperatorInputs inputs) {
    return Optional.of(value);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return (_, out, _) -> out[0].copyFrom(value);
  }
}
