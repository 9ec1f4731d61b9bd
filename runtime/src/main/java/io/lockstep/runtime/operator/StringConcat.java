package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** ONNX StringConcat 20: z = x followed by y, element by element with broadcasting. */
record StringConcat() implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new StringConcat();
  }

  @Override
  public String name() {
    return "StringConcat";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.STRING || inputs.dtype(1) != DType.STRING) {
      throw inputs.invalid("expected text but got " + inputs.type(0) + " and " + inputs.type(1));
    }
    Shape shape = BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1));
    return List.of(new TensorType(DType.STRING, shape));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    BroadcastLoops loops =
        BroadcastLoops.of(outputTypes(inputs).getFirst().shape(), inputs.shape(0), inputs.shape(1));
    return (in, out, run) ->
        loops.forEach(
            run.pool(),
            (stretch, from, to) -> {
              for (int i = from; i < to; i++) {
                byte[] x = in[0].strings()[(int) loops.offset(0, stretch, i)];
                byte[] y = in[1].strings()[(int) loops.offset(1, stretch, i)];
                byte[] both = Arrays.copyOf(x, x.length + y.length);
                System.arraycopy(y, 0, both, x.length, y.length);
                out[0].strings()[(int) loops.output(stretch, i)] = both;
              }
            });
  }
}
