package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX GatherElements 11-13: y has the shape of the indices; each of its elements is the one of x
 * at its own place, but for the place along {@code axis}, which the index tells.
 */
record GatherElements(long axis) implements Operator {

  static GatherElements of(NodeAttributes attributes) {
    return new GatherElements(attributes.intOr("axis", 0));
  }

  @Override
  public String name() {
    return "GatherElements";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    ElementPlaces.of(inputs, axis);
    return List.of(inputs.type(0).withShape(inputs.shape(1)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    ElementPlaces places = ElementPlaces.of(inputs, axis);
    return (in, out, _) -> {
      for (int i = 0; i < places.count(); i++) {
        long index = Indices.resolve("GatherElements", in[1].asLong(i), places.extent());
        Elements.copy(in[0], places.of(i, index), out[0], i);
      }
    };
  }
}
