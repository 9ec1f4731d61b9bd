package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Channels of several groups take turns: channel j groups + i of y is channel i (channels / groups)
 * + j of x (Zhang et al., "ShuffleNet", 2017). Models write it as Reshape, Transpose and Reshape.
 *
 * @param shape of x and y with their channels first, as the model states it; 0 and -1 stand for any
 * @param layout of x and y
 */
public record ChannelShuffle(int groups, List<Long> shape, ImageLayout layout)
    implements LayoutAware {

  @Override
  public String name() {
    return "ChannelShuffle";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return rank == shape.size()
        ? Optional.of(new ChannelShuffle(groups, shape, ImageLayout.CHANNELS_LAST))
        : Optional.empty();
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    boolean fits = x.rank() == shape.size();
    for (int axis = 0; fits && axis < x.rank(); axis++) {
      fits = shape.get(axis) <= 0 || shape.get(axis) == x.extent(axis);
    }
    if (!fits || x.extent(1) % groups != 0) {
      throw inputs.invalid("%s does not fit %s in %d groups".formatted(x, shape, groups));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int channelAxis = layout.channelAxis(x.rank());
    int before = Math.toIntExact(x.product(0, channelAxis));
    int channels = x.extent(channelAxis);
    int inner = Math.toIntExact(x.product(channelAxis + 1, x.rank()));
    int each = channels / groups;
    return StridedCopy.gather(
            inputs.dtype(0),
            Shape.of(before, each, groups, inner),
            0,
            new long[] {(long) channels * inner, inner, (long) each * inner, 1})
        .prepared(x.size());
  }
}
