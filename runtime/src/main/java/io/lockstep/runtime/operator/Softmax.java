package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX Softmax and LogSoftmax 1-13: y = exp(x - max) / sum(exp(x - max)) along an axis, or the
 * logarithm of it.
 *
 * @param flattens as up to version 12: all axes from this one on count as one
 */
public record Softmax(long axis, boolean flattens, boolean logarithm) implements LayoutAware {

  static Operator of(NodeAttributes attributes) {
    return of(attributes, false);
  }

  static Operator ofLog(NodeAttributes attributes) {
    return of(attributes, true);
  }

  private static Operator of(NodeAttributes attributes, boolean logarithm) {
    boolean flattens = attributes.opset() < 13;
    return new Softmax(attributes.intOr("axis", flattens ? 1 : -1), flattens, logarithm);
  }

  @Override
  public String name() {
    return logarithm ? "LogSoftmax" : "Softmax";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return flattens
        ? Optional.empty()
        : Optional.of(new Softmax(ImageLayout.axisLast((int) axis, rank), false, logarithm));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Lanes lanes = Lanes.of(inputs, axis, flattens);
    if (inputs.dtype(0) != DType.FLOAT32) {
      return PreparedOperator.inPlace(
          0, (in, out, _) -> lanes.forEach(at -> lane(in[0], out[0], at, lanes)));
    }
    Reduce kernel = context.kernels().reduce();
    long block = (long) lanes.length() * lanes.inner();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            run.pool()
                .parallelFor(
                    lanes.outer(),
                    Chunks.grainRows(block),
                    (from, to) -> {
                      Reduce.Extent part =
                          new Reduce.Extent(to - from, lanes.length(), lanes.inner());
                      long at = from * block;
                      if (logarithm) {
                        kernel.logSoftmax(part, in[0].segment(), at, out[0].segment(), at);
                      } else {
                        kernel.softmax(part, in[0].segment(), at, out[0].segment(), at);
                      }
                    }));
  }

  private void lane(Tensor x, Tensor y, long first, Lanes lanes) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < lanes.length(); i++) {
      max = Math.max(max, x.asDouble(first + (long) i * lanes.inner()));
    }
    double sum = 0;
    for (int i = 0; i < lanes.length(); i++) {
      sum += Math.exp(x.asDouble(first + (long) i * lanes.inner()) - max);
    }
    for (int i = 0; i < lanes.length(); i++) {
      long at = first + (long) i * lanes.inner();
      double shifted = x.asDouble(at) - max;
      y.setFromDouble(at, logarithm ? shifted - Math.log(sum) : Math.exp(shifted) / sum);
    }
  }
}
