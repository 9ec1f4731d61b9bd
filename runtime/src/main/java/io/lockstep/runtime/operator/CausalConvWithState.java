package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX CausalConvWithState 27: each channel convolved with its own filter, looking back only.
 *
 * <p>Inputs: x [batch, channels, length]; filters [channels, 1, taps]; optional bias [channels];
 * optional past [batch, channels, taps - 1], what came before x. Outputs: y in the shape of x; what
 * the next call is given as its past.
 *
 * @param silu whether y becomes y sigmoid(y)
 */
record CausalConvWithState(boolean silu) implements Operator {

  private static final int BIAS = 2;
  private static final int PAST = 3;

  static Operator of(NodeAttributes attributes) {
    String activation = attributes.stringOr("activation", "none");
    return new CausalConvWithState(
        switch (activation) {
          case "none" -> false;
          case "silu", "swish" -> true;
          default ->
              throw new InvalidModelException(
                  "CausalConvWithState: activation '" + activation + "' is unknown");
        });
  }

  @Override
  public String name() {
    return "CausalConvWithState";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape filters = inputs.shape(1);
    if (x.rank() != 3
        || filters.rank() != 3
        || filters.extent(0) != x.extent(1)
        || filters.extent(1) != 1
        || filters.extent(2) < 1) {
      throw inputs.invalid("x %s and filters %s do not fit".formatted(x, filters));
    }
    Shape state = Shape.of(x.extent(0), x.extent(1), filters.extent(2) - 1);
    if (inputs.has(PAST) && !inputs.shape(PAST).equals(state)) {
      throw inputs.invalid("the past is " + inputs.shape(PAST) + ", expected " + state);
    }
    if (inputs.has(BIAS) && inputs.shape(BIAS).size() != x.extent(1)) {
      throw inputs.invalid("bias %s for %d channels".formatted(inputs.shape(BIAS), x.extent(1)));
    }
    return List.of(inputs.type(0), inputs.type(0).withShape(state));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Line line =
        new Line(x.extent(2), inputs.shape(1).extent(2), inputs.has(PAST), inputs.has(BIAS), silu);
    int channels = x.extent(1);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                x.extent(0) * channels,
                Chunks.grainRows((long) line.length * line.taps),
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    line.convolve(in, out[0], row, row % channels);
                    line.keep(in, out[1], row);
                  }
                });
  }

  /** One channel of one item. */
  private record Line(int length, int taps, boolean hasPast, boolean hasBias, boolean silu) {

    /** The element {@code position} places behind the first of x, or before it when negative. */
    private double element(Tensor[] in, int row, int position) {
      if (position >= 0) {
        return in[0].asDouble((long) row * length + position);
      }
      return hasPast ? in[PAST].asDouble((long) (row + 1) * (taps - 1) + position) : 0;
    }

    void convolve(Tensor[] in, Tensor y, int row, int channel) {
      for (int i = 0; i < length; i++) {
        double sum = 0;
        for (int tap = 0; tap < taps; tap++) {
          double weight = in[1].asDouble((long) channel * taps + tap);
          sum += weight * element(in, row, i - taps + 1 + tap);
        }
        double value = hasBias ? sum + in[BIAS].asDouble(channel) : sum;
        y.setFromDouble((long) row * length + i, silu ? value / (1 + Math.exp(-value)) : value);
      }
    }

    void keep(Tensor[] in, Tensor state, int row) {
      for (int i = 0; i < taps - 1; i++) {
        double kept = element(in, row, length - taps + 1 + i);
        state.setFromDouble((long) row * (taps - 1) + i, kept);
      }
    }
  }
}
