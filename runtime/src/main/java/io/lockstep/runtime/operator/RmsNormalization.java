package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX RMSNormalization 23: y = x / sqrt(mean(x^2) + epsilon) scale, the mean being over all axes
 * from {@code axis} on; y has the type of the scale, which broadcasts to those axes.
 */
public record RmsNormalization(long axis, float epsilon) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new RmsNormalization(attributes.intOr("axis", -1), attributes.floatOr("epsilon", 1e-5f));
  }

  @Override
  public String name() {
    return "RMSNormalization";
  }

  private Shape row(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int first = Axes.resolve(inputs, axis, x.rank());
    return Shape.of(Arrays.copyOfRange(x.toArray(), first, x.rank()));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape row = row(inputs);
    if (!BroadcastLoops.shape(inputs, row, inputs.shape(1)).equals(row)) {
      throw inputs.invalid("the scale is " + inputs.shape(1) + ", expected " + row);
    }
    return List.of(inputs.type(0).withDType(inputs.dtype(1)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Shape row = row(inputs);
    int rows = x.product(0, x.rank() - row.rank());
    if (inputs.dtype(0) != DType.FLOAT32
        || inputs.dtype(1) != DType.FLOAT32
        || inputs.shape(1).size() != row.size()) {
      BroadcastLoops loops = BroadcastLoops.of(row, inputs.shape(1));
      return (in, out, _) -> {
        for (int i = 0; i < rows; i++) {
          exactRow(in, out[0], i * row.size(), row.size(), loops);
        }
      };
    }
    Reduce kernel = context.kernels().reduce();
    int length = row.intSize();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            run.pool()
                .parallelFor(
                    rows,
                    Chunks.grainRows(length),
                    (from, to) ->
                        kernel.rmsNorm(
                            to - from,
                            length,
                            epsilon,
                            in[1].segment(),
                            in[0].segment(),
                            (long) from * length,
                            out[0].segment(),
                            (long) from * length)));
  }

  private void exactRow(Tensor[] in, Tensor y, long first, long length, BroadcastLoops loops) {
    double squares = 0;
    for (long i = first; i < first + length; i++) {
      squares += in[0].asDouble(i) * in[0].asDouble(i);
    }
    double inverse = 1 / Math.sqrt(squares / length + epsilon);
    loops.forEach(
        ComputePool.CALLER,
        (stretch, from, to) -> {
          for (int i = from; i < to; i++) {
            long at = first + loops.output(stretch, i);
            double scale = in[1].asDouble(loops.offset(0, stretch, i));
            y.setFromDouble(at, in[0].asDouble(at) * inverse * scale);
          }
        });
  }
}
