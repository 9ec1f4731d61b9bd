package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/** ONNX And, Or, Xor 7, of BOOL element by element after broadcasting. */
record LogicalBinary(Junction junction) implements Operator {

  /** A function of two truth values. */
  enum Junction {
    AND("And"),
    OR("Or"),
    XOR("Xor");

    private final String operator;

    Junction(String operator) {
      this.operator = operator;
    }

    private long apply(long x, long y) {
      return switch (this) {
        case AND -> x & y;
        case OR -> x | y;
        case XOR -> x ^ y;
      };
    }
  }

  /** The factory of an operator. */
  static Function<NodeAttributes, Operator> of(Junction junction) {
    return attributes -> LegacyBroadcast.of(attributes, new LogicalBinary(junction));
  }

  @Override
  public String name() {
    return junction.operator;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.BOOL || inputs.dtype(1) != DType.BOOL) {
      throw inputs.invalid(
          "operands are %s and %s, expected BOOL".formatted(inputs.type(0), inputs.type(1)));
    }
    return List.of(
        new TensorType(DType.BOOL, BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    BroadcastLoops loops =
        BroadcastLoops.of(outputTypes(inputs).getFirst().shape(), inputs.shape(0), inputs.shape(1));
    BinaryLoop loop = BinaryLoop.ofLongs(loops, junction::apply);
    return (in, out, run) -> loop.run(in[0], in[1], out[0], run.pool());
  }
}
