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

/**
 * ONNX DeformConv 19-22: a two-dimensional convolution whose window elements are moved by offsets
 * and weighted by a mask; between elements x is bilinear, outside it is zero.
 *
 * <p>Inputs: x [batch, channels, height, width]; w [filters, channels / groups, kernel height,
 * kernel width]; offsets [batch, offset groups * kernel size * 2, output height, output width],
 * rows before columns; bias [filters], optional; mask [batch, offset groups * kernel size, output
 * height, output width], optional.
 */
record DeformConv(WindowAttributes window, int groups, int offsetGroups) implements Operator {

  private static final int OFFSETS = 2;
  private static final int BIAS = 3;
  private static final int MASK = 4;

  static Operator of(NodeAttributes attributes) {
    return new DeformConv(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        Math.toIntExact(attributes.intOr("offset_group", 1)));
  }

  @Override
  public String name() {
    return "DeformConv";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape weights = inputs.shape(1);
    Conv.checkWeights(inputs, x, weights, groups);
    Window resolved = window.resolve(inputs, x, weights);
    Shape y = resolved.outputShape(x.extent(0), weights.extent(0));
    Shape offsets = y.with(1, offsetGroups * resolved.kernelSize() * 2);
    if (x.rank() != 4
        || x.extent(1) % offsetGroups != 0
        || !inputs.shape(OFFSETS).equals(offsets)
        || (inputs.has(MASK)
            && !inputs.shape(MASK).equals(y.with(1, offsetGroups * resolved.kernelSize())))) {
      throw inputs.invalid(
          "input %s and offsets %s, expected offsets %s"
              .formatted(x, inputs.shape(OFFSETS), offsets));
    }
    return List.of(inputs.type(0).withShape(y));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Shape weights = inputs.shape(1);
    Window resolved = window.resolve(inputs, x, weights);
    int filters = weights.extent(0);
    int positions = resolved.outputSize();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                out[0].shape().intSize(),
                64,
                (from, to) -> {
                  for (int i = from; i < to; i++) {
                    int filter = i / positions % filters;
                    double sum = RecurrentLayer.has(in, BIAS) ? in[BIAS].asDouble(filter) : 0;
                    sum +=
                        element(resolved, in, x.extent(1), filters, i / positions, i % positions);
                    out[0].setFromDouble(i, sum);
                  }
                });
  }

  private double element(
      Window resolved, Tensor[] in, int channels, int filters, int plane, int position) {
    int image = plane / filters;
    int filter = plane % filters;
    int perGroup = channels / groups;
    int firstChannel = filter / (filters / groups) * perGroup;
    int kernel = resolved.kernelSize();
    int positions = resolved.outputSize();
    int row = position / resolved.width.output();
    int column = position % resolved.width.output();
    double sum = 0;
    for (int c = 0; c < perGroup; c++) {
      int channel = firstChannel + c;
      int offsetGroup = channel / (channels / offsetGroups);
      long xPlane = ((long) image * channels + channel) * resolved.inputSize();
      for (int k = 0; k < kernel; k++) {
        long point = ((long) image * offsetGroups + offsetGroup) * kernel + k;
        double h =
            resolved.height.index(row, k / resolved.width.kernel())
                + in[OFFSETS].asDouble(2 * point * positions + position);
        double w =
            resolved.width.index(column, k % resolved.width.kernel())
                + in[OFFSETS].asDouble((2 * point + 1) * positions + position);
        double factor = in[1].asDouble(((long) filter * perGroup + c) * kernel + k);
        if (RecurrentLayer.has(in, MASK)) {
          factor *= in[MASK].asDouble(point * positions + position);
        }
        sum += factor * sample(resolved, in[0], xPlane, h, w);
      }
    }
    return sum;
  }

  private static double sample(Window resolved, Tensor x, long plane, double h, double w) {
    int top = (int) Math.floor(h);
    int left = (int) Math.floor(w);
    double sum = 0;
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        if (resolved.height.covers(top + i) && resolved.width.covers(left + j)) {
          double weight = (1 - Math.abs(h - top - i)) * (1 - Math.abs(w - left - j));
          sum += weight * x.asDouble(plane + (long) (top + i) * resolved.width.input() + left + j);
        }
      }
    }
    return sum;
  }
}
