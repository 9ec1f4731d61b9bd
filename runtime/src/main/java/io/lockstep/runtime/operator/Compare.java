package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX Equal, Greater, Less, GreaterOrEqual, LessOrEqual 7-19: z = x relation y, broadcast; z:
 * BOOL. A NaN stands in no relation. Text can only be equal.
 *
 * @param name the ONNX operator
 */
record Compare(String name, Relation relation) implements ElementStep {

  /** The factory of an operator that asks for this relation. */
  static Function<NodeAttributes, Operator> of(Relation relation) {
    return attributes ->
        LegacyBroadcast.of(attributes, new Compare(attributes.operator(), relation));
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Compare(relation, operands.get(0), operands.get(1));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != inputs.dtype(1)) {
      throw inputs.invalid(
          "expected one type but got " + inputs.type(0) + " and " + inputs.type(1));
    }
    if (inputs.dtype(0) == DType.STRING && relation != Relation.EQUAL) {
      throw inputs.invalid("text has no order");
    }
    return List.of(
        new TensorType(DType.BOOL, BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseGet(() -> elementByElement(inputs));
  }

  private PreparedOperator elementByElement(OperatorInputs inputs) {
    TensorType output = outputTypes(inputs).getFirst();
    BroadcastLoops loops = BroadcastLoops.of(output.shape(), inputs.shape(0), inputs.shape(1));
    DType dtype = inputs.dtype(0);
    return (in, out, run) ->
        loops.forEach(
            run.pool(),
            (stretch, from, to) -> {
              long x = loops.offset(0, stretch, from);
              long y = loops.offset(1, stretch, from);
              long at = loops.output(stretch, from);
              for (int i = from; i < to; i++) {
                out[0].setBoolean(at++, holds(dtype, in[0], x, in[1], y));
                x += loops.isSpread(0) ? 1 : 0;
                y += loops.isSpread(1) ? 1 : 0;
              }
            });
  }

  private boolean holds(DType dtype, Tensor x, long i, Tensor y, long j) {
    return switch (dtype) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> relation.holds(x.asDouble(i), y.asDouble(j));
      case UINT64 -> relation.holds(Long.compareUnsigned(x.getLong(i), y.getLong(j)));
      case STRING -> Arrays.equals(x.strings()[(int) i], y.strings()[(int) j]);
      case BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 ->
          relation.holds(Long.compare(x.asLong(i), y.asLong(j)));
    };
  }
}
