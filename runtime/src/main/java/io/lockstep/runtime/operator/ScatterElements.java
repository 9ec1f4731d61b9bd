package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Scatter 9-11 and ScatterElements 11-18: x with updates placed where the indices say, one
 * after the other; see {@link ElementPlaces}.
 *
 * @param name the ONNX operator
 */
record ScatterElements(String name, long axis, Placement placement) implements Operator {

  static ScatterElements of(NodeAttributes attributes) {
    return new ScatterElements(
        attributes.operator(), attributes.intOr("axis", 0), Placement.of(attributes));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    ElementPlaces.of(inputs, axis);
    if (!inputs.shape(2).equals(inputs.shape(1)) || inputs.dtype(2) != inputs.dtype(0)) {
      throw inputs.invalid(
          "updates are %s, expected %s%s"
              .formatted(inputs.type(2), inputs.dtype(0), inputs.shape(1)));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    ElementPlaces places = ElementPlaces.of(inputs, axis);
    return PreparedOperator.inPlace(
        0,
        (in, out, _) -> {
          Placement.start(in[0], out[0]);
          for (int i = 0; i < places.count(); i++) {
            long index = Indices.resolve(name, in[1].asLong(i), places.extent());
            placement.put(in[2], i, out[0], places.of(i, index));
          }
        });
  }
}
