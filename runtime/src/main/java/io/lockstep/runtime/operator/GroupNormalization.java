package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX GroupNormalization 18-21 and InstanceNormalization 6-22: y = (x - mean) / sqrt(variance +
 * epsilon) scale + bias, with the statistics of one group of channels of one image.
 *
 * <p>Inputs: x [batch, channels, spatial...]; scale and bias [channels], or [groups] in
 * GroupNormalization 18.
 *
 * @param groups channels are normalised in so many groups; 0 for one channel each
 */
record GroupNormalization(int groups, float epsilon) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new GroupNormalization(
        Math.toIntExact(attributes.intOr("num_groups", 1)), attributes.floatOr("epsilon", 1e-5f));
  }

  static Operator instance(NodeAttributes attributes) {
    return new GroupNormalization(0, attributes.floatOr("epsilon", 1e-5f));
  }

  @Override
  public String name() {
    return groups == 0 ? "InstanceNormalization" : "GroupNormalization";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 2 || (groups > 0 && x.extent(1) % groups != 0)) {
      throw inputs.invalid("input " + x + ": expected channels in " + groups + " groups");
    }
    for (int i = 1; i <= 2; i++) {
      long size = inputs.shape(i).size();
      if (size != x.extent(1) && size != groups) {
        throw inputs.invalid(
            "input %d is %s, expected [%d]".formatted(i, inputs.shape(i), x.extent(1)));
      }
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int channels = x.extent(1);
    int count = groups == 0 ? channels : groups;
    int plane = x.product(2, x.rank());
    int groupChannels = count == 0 ? 0 : channels / count;
    int length = groupChannels * plane;
    int rows = x.extent(0) * count;
    boolean perGroup = inputs.shape(1).size() == count && count != channels;
    boolean fast = inputs.dtype(0) == DType.FLOAT32;
    Reduce kernel = context.kernels().reduce();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows,
                Math.max(1, 16384 / Math.max(1, length)),
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    long first = (long) row * length;
                    if (fast) {
                      kernel.layerNorm(
                          1,
                          length,
                          epsilon,
                          null,
                          null,
                          in[0].segment(),
                          first,
                          out[0].segment(),
                          first);
                    } else {
                      normalize(in[0], out[0], first, length);
                    }
                    for (int c = 0; c < groupChannels; c++) {
                      int group = row % count;
                      int parameter = perGroup ? group : group * groupChannels + c;
                      double scale = in[1].asDouble(parameter);
                      double bias = in[2].asDouble(parameter);
                      affine(out[0], first + (long) c * plane, plane, scale, bias);
                    }
                  }
                });
  }

  private void normalize(Tensor x, Tensor y, long first, int length) {
    double mean = 0;
    for (long i = first; i < first + length; i++) {
      mean += x.asDouble(i);
    }
    mean /= length;
    double variance = 0;
    for (long i = first; i < first + length; i++) {
      double deviation = x.asDouble(i) - mean;
      variance += deviation * deviation;
    }
    double factor = 1 / Math.sqrt(variance / length + epsilon);
    for (long i = first; i < first + length; i++) {
      y.setFromDouble(i, (x.asDouble(i) - mean) * factor);
    }
  }

  private static void affine(Tensor y, long first, int count, double scale, double bias) {
    for (long i = first; i < first + count; i++) {
      y.setFromDouble(i, y.asDouble(i) * scale + bias);
    }
  }
}
