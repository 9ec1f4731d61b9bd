package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX DepthToSpace and SpaceToDepth 1-13: squares of {@code block} pixels a side become channels,
 * or the other way round. x: [batch, channels, height, width].
 *
 * @param toSpace whether channels become pixels
 * @param channelFirst whether the channel counts slower than the place within a square ("CRD")
 */
record DepthSpace(boolean toSpace, int block, boolean channelFirst) implements Operator {

  static DepthSpace toSpace(NodeAttributes attributes) {
    return new DepthSpace(
        true,
        Math.toIntExact(attributes.intOr("blocksize", 0)),
        attributes.stringOr("mode", "DCR").equals("CRD"));
  }

  static DepthSpace toDepth(NodeAttributes attributes) {
    return new DepthSpace(false, Math.toIntExact(attributes.intOr("blocksize", 0)), false);
  }

  @Override
  public String name() {
    return toSpace ? "DepthToSpace" : "SpaceToDepth";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    boolean fits = x.rank() == 4 && block > 0;
    if (fits) {
      fits =
          toSpace
              ? x.extent(1) % (block * block) == 0
              : x.extent(2) % block == 0 && x.extent(3) % block == 0;
    }
    if (!fits) {
      throw inputs.invalid("blocks of %d do not fit %s".formatted(block, x));
    }
    int square = block * block;
    return List.of(
        inputs
            .type(0)
            .withShape(
                toSpace
                    ? Shape.of(
                        x.extent(0), x.extent(1) / square, x.extent(2) * block, x.extent(3) * block)
                    : Shape.of(
                        x.extent(0),
                        x.extent(1) * square,
                        x.extent(2) / block,
                        x.extent(3) / block)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Shape y = outputTypes(inputs).getFirst().shape();
    StridedCopy copy = toSpace ? toSpace(inputs, x, y) : toDepth(inputs, x, y);
    return copy.prepared(x.size());
  }

  /** y as [batch, channel, row, rowInBlock, column, columnInBlock]. */
  private StridedCopy toSpace(OperatorInputs inputs, Shape x, Shape y) {
    int channels = y.extent(1);
    int height = x.extent(2);
    int width = x.extent(3);
    long plane = (long) height * width;
    long channel = channelFirst ? (long) block * block * plane : plane;
    long place = channelFirst ? plane : channels * plane;
    return StridedCopy.gather(
        inputs.dtype(0),
        Shape.of(x.extent(0), channels, height, block, width, block),
        0,
        new long[] {x.extent(1) * plane, channel, width, block * place, 1, place});
  }

  /** y as [batch, rowInBlock, columnInBlock, channel, row, column]. */
  private StridedCopy toDepth(OperatorInputs inputs, Shape x, Shape y) {
    int channels = x.extent(1);
    int width = x.extent(3);
    long plane = (long) x.extent(2) * width;
    return StridedCopy.gather(
        inputs.dtype(0),
        Shape.of(x.extent(0), block, block, channels, y.extent(2), y.extent(3)),
        0,
        new long[] {channels * plane, width, 1, plane, (long) block * width, block});
  }
}
