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

/**
 * ONNX MelWeightMatrix 17: what each bin of a spectrum contributes to each triangular filter of the
 * mel scale, [length / 2 + 1, filters].
 *
 * <p>Inputs, all scalars: filters, length of the transform, sample rate, lowest and highest
 * frequency in hertz.
 */
record MelWeightMatrix(DType dtype) implements Operator {

  private static final int FILTERS = 0;
  private static final int LENGTH = 1;
  private static final int RATE = 2;
  private static final int LOWEST = 3;
  private static final int HIGHEST = 4;

  static Operator of(NodeAttributes attributes) {
    return new MelWeightMatrix(DType.ofOnnx((int) attributes.intOr("output_datatype", 1)));
  }

  @Override
  public String name() {
    return "MelWeightMatrix";
  }

  @Override
  public boolean needsValue(int input) {
    return true;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int filters = Math.toIntExact(inputs.value(FILTERS).asLong(0));
    int bins = Math.toIntExact(inputs.value(LENGTH).asLong(0) / 2 + 1);
    return List.of(TensorType.of(dtype, bins, filters));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    int filters = outputTypes(inputs).getFirst().shape().extent(1);
    int bins = outputTypes(inputs).getFirst().shape().extent(0);
    long[] edges = edges(inputs, filters);
    for (long edge : edges) {
      if (edge < 0 || edge >= bins) {
        throw inputs.invalid(
            "a filter reaches bin %d, beyond the %d bins of the spectrum".formatted(edge, bins));
      }
    }
    return (_, out, _) -> {
      for (long i = 0; i < out[0].size(); i++) {
        out[0].setFromDouble(i, 0);
      }
      for (int filter = 0; filter < filters; filter++) {
        triangle(edges, filter, out[0], filters);
      }
    };
  }

  /** The bins at which the filters start, peak and end: one ends where the next but one starts. */
  private static long[] edges(OperatorInputs inputs, int filters) {
    double low = mel(inputs.value(LOWEST).asDouble(0));
    double step = (mel(inputs.value(HIGHEST).asDouble(0)) - low) / (filters + 2);
    long[] edges = new long[filters + 2];
    for (int i = 0; i < edges.length; i++) {
      double hertz = 700 * (Math.pow(10, (low + i * step) / 2595) - 1);
      double bin = (inputs.value(LENGTH).asLong(0) + 1) * hertz / inputs.value(RATE).asLong(0);
      edges[i] = (long) Math.floor(bin);
    }
    return edges;
  }

  private static double mel(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }

  private static void triangle(long[] edges, int filter, Tensor y, int filters) {
    long start = edges[filter];
    long peak = edges[filter + 1];
    long end = edges[filter + 2];
    for (long bin = start; bin <= peak; bin++) {
      double weight = peak == start ? 1 : (double) (bin - start) / (peak - start);
      y.setFromDouble(bin * filters + filter, weight);
    }
    for (long bin = peak; bin < end; bin++) {
      y.setFromDouble(bin * filters + filter, (double) (end - bin) / (end - peak));
    }
  }
}
