package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX LRN 1-13: y = x / (bias + alpha / size sum(x^2))^beta, the sum over the {@code size}
 * channels around x's own; x [batch, channels, spatial...].
 *
 * @param layout of x and y; as read from a model, channels come first
 */
record LocalResponseNormalization(float alpha, float beta, float bias, int size, ImageLayout layout)
    implements LayoutAware {

  static Operator of(NodeAttributes attributes) {
    return new LocalResponseNormalization(
        attributes.floatOr("alpha", 1e-4f),
        attributes.floatOr("beta", 0.75f),
        attributes.floatOr("bias", 1),
        Math.toIntExact(attributes.intOr("size", 1)),
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "LRN";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(
        new LocalResponseNormalization(alpha, beta, bias, size, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.shape(0).rank() < 2) {
      throw inputs.invalid("input " + inputs.shape(0) + ": expected [batch, channels, ...]");
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int axis = layout.channelAxis(x.rank());
    int channels = x.extent(axis);
    int plane = x.product(axis + 1, x.rank());
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                x.product(0, axis + 1),
                Math.max(1, 1024 / Math.max(1, plane)),
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    plane(in[0], out[0], row, channels, plane);
                  }
                });
  }

  private void plane(Tensor x, Tensor y, int row, int channels, int plane) {
    int channel = row % channels;
    int first = row - channel + Math.max(0, channel - (size - 1) / 2);
    int last = row - channel + Math.min(channels - 1, channel + size / 2);
    for (int i = 0; i < plane; i++) {
      double sum = 0;
      for (int neighbour = first; neighbour <= last; neighbour++) {
        double value = x.asDouble((long) neighbour * plane + i);
        sum += value * value;
      }
      long at = (long) row * plane + i;
      y.setFromDouble(at, x.asDouble(at) / Math.pow(bias + alpha / size * sum, beta));
    }
  }
}
