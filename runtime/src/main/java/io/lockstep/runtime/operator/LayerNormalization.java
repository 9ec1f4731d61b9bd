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
 * ONNX LayerNormalization 17: y = (x - mean) / sqrt(variance + epsilon) scale + bias over all axes
 * from {@code axis} on.
 *
 * <p>Inputs: x; scale and optionally bias, of the shape of those axes or broadcasting to it.
 * Outputs: y; mean and 1 / sqrt(variance + epsilon), with extent 1 for those axes.
 *
 * @param statistics whether mean and inverse deviation are wanted
 */
public record LayerNormalization(long axis, float epsilon, boolean statistics) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new LayerNormalization(
        attributes.intOr("axis", -1),
        attributes.floatOr("epsilon", 1e-5f),
        attributes.outputCount() > 1);
  }

  @Override
  public String name() {
    return "LayerNormalization";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    TensorType x = inputs.type(0);
    int first = Axes.resolve(inputs, axis, x.shape().rank());
    Shape normalized = normalized(x.shape(), first);
    for (int i = 1; i <= 2; i++) {
      if (inputs.has(i)
          && !BroadcastLoops.shape(inputs, normalized, inputs.shape(i)).equals(normalized)) {
        throw inputs.invalid(
            "input %d is %s, expected shape %s".formatted(i, inputs.type(i), normalized));
      }
    }
    if (!statistics) {
      return List.of(x);
    }
    int[] extents = x.shape().toArray();
    Arrays.fill(extents, first, extents.length, 1);
    DType dtype = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    TensorType statistic = new TensorType(dtype, Shape.of(extents));
    return List.of(x, statistic, statistic);
  }

  private static Shape normalized(Shape x, int first) {
    return Shape.of(Arrays.copyOfRange(x.toArray(), first, x.rank()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int first = Axes.resolve(inputs, axis, x.rank());
    Shape row = normalized(x, first);
    boolean hasBias = inputs.has(2);
    boolean whole =
        inputs.shape(1).size() == row.size() && (!hasBias || inputs.shape(2).size() == row.size());
    int rows = x.product(0, first);
    if (inputs.dtype(0) != DType.FLOAT32 || statistics || !whole) {
      BroadcastLoops loops =
          hasBias
              ? BroadcastLoops.of(row, inputs.shape(1), inputs.shape(2))
              : BroadcastLoops.of(row, inputs.shape(1));
      return (in, out, _) -> {
        for (int i = 0; i < rows; i++) {
          exactRow(in, out, i, row.size(), loops, hasBias);
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
                        kernel.layerNorm(
                            to - from,
                            length,
                            epsilon,
                            in[1].segment(),
                            hasBias ? in[2].segment() : null,
                            in[0].segment(),
                            (long) from * length,
                            out[0].segment(),
                            (long) from * length)));
  }

  /** One row in double precision, with its statistics. */
  private void exactRow(
      Tensor[] in, Tensor[] out, int row, long length, BroadcastLoops loops, boolean hasBias) {
    long first = row * length;
    double sum = 0;
    for (long i = first; i < first + length; i++) {
      sum += in[0].asDouble(i);
    }
    double mean = sum / length;
    double squares = 0;
    for (long i = first; i < first + length; i++) {
      double deviation = in[0].asDouble(i) - mean;
      squares += deviation * deviation;
    }
    double inverse = 1 / Math.sqrt(squares / length + epsilon);
    loops.forEach(
        ComputePool.CALLER,
        (stretch, from, to) -> {
          for (int i = from; i < to; i++) {
            long at = first + loops.output(stretch, i);
            double scale = in[1].asDouble(loops.offset(0, stretch, i));
            double bias = hasBias ? in[2].asDouble(loops.offset(1, stretch, i)) : 0;
            out[0].setFromDouble(at, (in[0].asDouble(at) - mean) * inverse * scale + bias);
          }
        });
    if (statistics) {
      out[1].setFromDouble(row, mean);
      out[2].setFromDouble(row, inverse);
    }
  }
}
