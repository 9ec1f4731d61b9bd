package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX ArgMax and ArgMin 1-13: where along {@code axis} the largest or smallest element stands; y:
 * INT64. A NaN wins either way.
 *
 * @param max whether the largest is asked for
 * @param keepDims whether the axis stays, with extent 1
 * @param selectLast whether the last of equal elements is taken rather than the first
 */
record ArgExtreme(boolean max, long axis, boolean keepDims, boolean selectLast)
    implements Operator {

  static Function<NodeAttributes, Operator> of(boolean max) {
    return attributes ->
        new ArgExtreme(
            max,
            attributes.intOr("axis", 0),
            attributes.intOr("keepdims", 1) != 0,
            attributes.intOr("select_last_index", 0) != 0);
  }

  @Override
  public String name() {
    return max ? "ArgMax" : "ArgMin";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int along = Axes.resolve(inputs, axis, x.rank());
    if (x.extent(along) == 0) {
      throw inputs.invalid("axis " + along + " of " + x + " is empty");
    }
    Shape kept = x.with(along, 1);
    int[] dropped = new int[x.rank() - 1];
    for (int i = 0; i < dropped.length; i++) {
      dropped[i] = x.extent(i < along ? i : i + 1);
    }
    return List.of(new TensorType(DType.INT64, keepDims ? kept : Shape.of(dropped)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Lanes lanes = Lanes.of(inputs, axis);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                lanes.outer() * lanes.inner(),
                Chunks.grainRows(lanes.length()),
                (from, to) -> {
                  for (int lane = from; lane < to; lane++) {
                    out[0].setLong(lane, best(in[0], lanes, lane));
                  }
                });
  }

  private long best(Tensor x, Lanes lanes, int lane) {
    int inner = lanes.inner();
    long first = (long) (lane / inner) * lanes.length() * inner + lane % inner;
    int best = 0;
    for (int i = 1; i < lanes.length(); i++) {
      if (isBetter(x, first + (long) i * inner, first + (long) best * inner)) {
        best = i;
      }
    }
    return best;
  }

  private boolean isBetter(Tensor x, long candidate, long best) {
    int order = Elements.compare(x, candidate, x, best);
    if (order == 0) {
      return selectLast;
    }
    if (max) {
      return order > 0;
    }
    return Elements.isNaN(x, candidate) || (order < 0 && !Elements.isNaN(x, best));
  }
}
