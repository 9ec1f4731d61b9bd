package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX BitCast 26: the bits of each element read as another type of the same width. */
record BitCast(DType to) implements Operator {

  static BitCast of(NodeAttributes attributes) {
    return new BitCast(DType.ofOnnx(Math.toIntExact(attributes.intOr("to", 0))));
  }

  @Override
  public String name() {
    return "BitCast";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0).bytes() != to.bytes() || to.bytes() == 0) {
      throw inputs.invalid("%s and %s differ in width".formatted(inputs.dtype(0), to));
    }
    return List.of(inputs.type(0).withDType(to));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return (in, out, _) -> out[0].segment().copyFrom(in[0].segment());
  }
}
