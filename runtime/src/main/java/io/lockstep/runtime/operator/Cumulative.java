package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX CumSum 11-14 and CumProd 26: y[i] = x[0] f ... f x[i] along the axis in input 1.
 *
 * @param product whether elements are multiplied rather than added
 * @param exclusive whether y[i] leaves x[i] itself out
 * @param reverse whether it runs from the end to the front
 */
record Cumulative(boolean product, boolean exclusive, boolean reverse) implements Operator {

  static Function<NodeAttributes, Operator> of(boolean product) {
    return attributes ->
        new Cumulative(
            product, attributes.intOr("exclusive", 0) != 0, attributes.intOr("reverse", 0) != 0);
  }

  @Override
  public String name() {
    return product ? "CumProd" : "CumSum";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType dtype = inputs.dtype(0);
    if (dtype == DType.BOOL || dtype == DType.STRING) {
      throw inputs.invalid("expected numbers but got " + inputs.type(0));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Lanes lanes = Lanes.of(inputs, inputs.value(1).asLong(0));
    boolean isFloat = inputs.dtype(0).isFloat();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                lanes.outer() * lanes.inner(),
                Chunks.grainRows(lanes.length()),
                (from, to) -> {
                  for (int lane = from; lane < to; lane++) {
                    if (isFloat) {
                      doubles(lanes, lane, in[0], out[0]);
                    } else {
                      longs(lanes, lane, in[0], out[0]);
                    }
                  }
                });
  }

  private long place(Lanes lanes, int lane, int step) {
    int i = reverse ? lanes.length() - 1 - step : step;
    int inner = lanes.inner();
    return ((long) (lane / inner) * lanes.length() + i) * inner + lane % inner;
  }

  private void doubles(Lanes lanes, int lane, Tensor x, Tensor y) {
    double total = product ? 1 : 0;
    for (int step = 0; step < lanes.length(); step++) {
      long at = place(lanes, lane, step);
      double value = x.asDouble(at);
      double next = product ? total * value : total + value;
      y.setFromDouble(at, exclusive ? total : next);
      total = next;
    }
  }

  private void longs(Lanes lanes, int lane, Tensor x, Tensor y) {
    long total = product ? 1 : 0;
    for (int step = 0; step < lanes.length(); step++) {
      long at = place(lanes, lane, step);
      long value = x.asLong(at);
      long next = product ? total * value : total + value;
      y.setFromLong(at, exclusive ? total : next);
      total = next;
    }
  }
}
