package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX BitwiseAnd, BitwiseOr, BitwiseXor 18 and BitShift 11: z = f(x, y) of integers with
 * broadcasting.
 *
 * @param name the ONNX operator
 */
record IntegerBinary(String name, BinaryLoop.Longs function) implements Operator {

  static Function<NodeAttributes, Operator> of(BinaryLoop.Longs function) {
    return attributes -> new IntegerBinary(attributes.operator(), function);
  }

  /** Shifts of unsigned integers; by the width of the type or more, nothing is left. */
  static Operator shift(NodeAttributes attributes) {
    String direction = attributes.stringOr("direction", "");
    return switch (direction) {
      case "LEFT" -> new IntegerBinary("BitShift", (x, y) -> y >>> 6 == 0 ? x << y : 0);
      case "RIGHT" -> new IntegerBinary("BitShift", (x, y) -> y >>> 6 == 0 ? x >>> y : 0);
      default ->
          throw new InvalidModelException(
              "BitShift: direction '" + direction + "', expected LEFT or RIGHT");
    };
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (!inputs.dtype(0).isInteger() || inputs.dtype(0) != inputs.dtype(1)) {
      throw inputs.invalid(
          "expected integers of one type but got %s and %s"
              .formatted(inputs.type(0), inputs.type(1)));
    }
    return List.of(
        inputs.type(0).withShape(BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    BroadcastLoops loops =
        BroadcastLoops.of(outputTypes(inputs).getFirst().shape(), inputs.shape(0), inputs.shape(1));
    BinaryLoop loop = BinaryLoop.ofLongs(loops, function);
    return (in, out, run) -> loop.run(in[0], in[1], out[0], run.pool());
  }
}
