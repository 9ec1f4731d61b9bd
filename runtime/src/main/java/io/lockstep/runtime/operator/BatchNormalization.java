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
 * ONNX BatchNormalization 7-15: y = (x - mean) / sqrt(variance + epsilon) scale + bias, channel by
 * channel.
 *
 * <p>Inputs: x [batch, channels, ...]; scale, bias, mean, variance [channels]. In training mode the
 * statistics are those of x, and the second and third output are the running ones.
 *
 * @param momentum weight of the old running statistics in training mode
 * @param layout of x and y; as read from a model, channels come first
 */
public record BatchNormalization(
    float epsilon, float momentum, boolean training, ImageLayout layout) implements LayoutAware {

  public static BatchNormalization of(NodeAttributes attributes) {
    return new BatchNormalization(
        attributes.floatOr("epsilon", 1e-5f),
        attributes.floatOr("momentum", 0.9f),
        attributes.intOr("training_mode", 0) != 0,
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "BatchNormalization";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return training
        ? Optional.empty()
        : Optional.of(new BatchNormalization(epsilon, momentum, false, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int channels = channels(inputs.shape(0));
    for (int i = 1; i <= 4; i++) {
      if (inputs.shape(i).size() != channels) {
        throw inputs.invalid(
            "input %d is %s, expected one element for each of %d channels"
                .formatted(i, inputs.shape(i), channels));
      }
    }
    return List.of(inputs.type(0), inputs.type(3), inputs.type(4), inputs.type(3), inputs.type(4));
  }

  private int channels(Shape x) {
    return x.rank() > 1 ? x.extent(layout.channelAxis(x.rank())) : 1;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int channels = channels(x);
    ChannelAffine affine =
        new ChannelAffine(
            inputs.dtype(0),
            x.size(),
            channels,
            x.rank() > 1 ? x.product(0, layout.channelAxis(x.rank())) : 1);
    return PreparedOperator.withWorkspace(
        affine.workspaceBytes(),
        (in, out, run) -> {
          for (int c = 0; c < channels; c++) {
            double mean = in[3].asDouble(c);
            double variance = in[4].asDouble(c);
            if (training) {
              mean = affine.mean(in[0], c);
              variance = affine.variance(in[0], c, mean);
              updateRunning(in, out, c, mean, variance);
            }
            double factor = in[1].asDouble(c) / Math.sqrt(variance + epsilon);
            affine.set(run, c, factor, in[2].asDouble(c) - mean * factor);
          }
          affine.run(in[0], out[0], context.kernels().elementwise(), run);
        });
  }

  private void updateRunning(Tensor[] in, Tensor[] out, int c, double mean, double variance) {
    out[1].setFromDouble(c, in[3].asDouble(c) * momentum + mean * (1 - momentum));
    out[2].setFromDouble(c, in[4].asDouble(c) * momentum + variance * (1 - momentum));
  }
}
