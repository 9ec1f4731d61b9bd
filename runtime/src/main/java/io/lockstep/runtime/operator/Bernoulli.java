package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Bernoulli 15-22: one with the probability that each element of x says, else zero.
 *
 * @param dtype ONNX's number of the element type; 0 for that of x
 */
record Bernoulli(int dtype, Chance chance) implements Operator {

  static Bernoulli of(NodeAttributes attributes) {
    return new Bernoulli(Math.toIntExact(attributes.intOr("dtype", 0)), Chance.of(attributes));
  }

  @Override
  public String name() {
    return "Bernoulli";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(dtype == 0 ? inputs.type(0) : inputs.type(0).withDType(DType.ofOnnx(dtype)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    ItemPlaces places = ItemPlaces.of(inputs.shape(0), context);
    return (in, out, _) -> {
      for (long i = 0; i < in[0].size(); i++) {
        boolean drawn = chance.uniform(places.of(i)) < in[0].asDouble(i);
        out[0].setFromLong(i, drawn ? 1 : 0);
      }
    };
  }
}
