package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX ScatterND 11-18: x with blocks of updates placed where index tuples say, one after the
 * other; see {@link TuplePlaces}.
 */
record ScatterTuples(Placement placement) implements Operator {

  static ScatterTuples of(NodeAttributes attributes) {
    return new ScatterTuples(Placement.of(attributes));
  }

  @Override
  public String name() {
    return "ScatterND";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    TensorType blocks = inputs.type(0).withShape(TuplePlaces.of(name(), inputs, 0).blocks());
    if (!inputs.type(2).equals(blocks)) {
      throw inputs.invalid("updates are %s, expected %s".formatted(inputs.type(2), blocks));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TuplePlaces places = TuplePlaces.of(name(), inputs, 0);
    int block = places.blockSize();
    return PreparedOperator.inPlace(
        0,
        (in, out, _) -> {
          Placement.start(in[0], out[0]);
          for (int i = 0; i < places.count(); i++) {
            long first = places.of(in[1], i);
            for (int j = 0; j < block; j++) {
              placement.put(in[2], (long) i * block + j, out[0], first + j);
            }
          }
        });
  }
}
