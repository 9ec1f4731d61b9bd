package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The ten ONNX reductions, ReduceSum 1-13 and ReduceMean, ReduceMax, ReduceMin, ReduceProd,
 * ReduceSumSquare, ReduceL1, ReduceL2, ReduceLogSum, ReduceLogSumExp 1-20: one number of all
 * elements along some axes. The axes are an attribute in older versions and the second input in
 * newer ones; without axes all are meant.
 *
 * @param keepDims whether the axes stay, with extent 1
 * @param noopWithEmptyAxes whether without axes x is given back as it is
 */
public record Reduction(
    Reduce.Kind kind, List<Long> axes, boolean keepDims, boolean noopWithEmptyAxes)
    implements Operator {

  static Function<NodeAttributes, Operator> of(Reduce.Kind kind) {
    return attributes ->
        new Reduction(
            kind,
            LongStream.of(attributes.ints("axes")).boxed().toList(),
            attributes.intOr("keepdims", 1) != 0,
            attributes.intOr("noop_with_empty_axes", 0) != 0);
  }

  @Override
  public String name() {
    return switch (kind) {
      case SUM -> "ReduceSum";
      case MEAN -> "ReduceMean";
      case MAX -> "ReduceMax";
      case MIN -> "ReduceMin";
      case PRODUCT -> "ReduceProd";
      case SUM_SQUARE -> "ReduceSumSquare";
      case L1 -> "ReduceL1";
      case L2 -> "ReduceL2";
      case LOG_SUM -> "ReduceLogSum";
      case LOG_SUM_EXP -> "ReduceLogSumExp";
    };
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  /** Which axes are reduced; none when x is given back as it is. */
  public boolean[] reduced(OperatorInputs inputs) {
    int rank = inputs.shape(0).rank();
    long @Nullable [] named = inputs.longsOrNull(1);
    if (named == null || named.length == 0) {
      named = axes.stream().mapToLong(Long::longValue).toArray();
    }
    boolean[] reduced = Axes.marked(inputs, named, rank);
    if (named.length == 0 && !noopWithEmptyAxes) {
      Arrays.fill(reduced, true);
    }
    return reduced;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    boolean[] gone = reduced(inputs);
    int[] extents = new int[x.rank()];
    int rank = 0;
    for (int axis = 0; axis < x.rank(); axis++) {
      if (!gone[axis]) {
        extents[rank++] = x.extent(axis);
      } else if (keepDims) {
        extents[rank++] = 1;
      }
    }
    return List.of(inputs.type(0).withShape(Shape.of(Arrays.copyOf(extents, rank))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    boolean[] reduced = reduced(inputs);
    int first = 0;
    while (first < x.rank() && !reduced[first]) {
      first++;
    }
    if (first == x.rank() && x.rank() > 0) {
      // Without axes nothing happens at all: not even the function of one element.
      return PreparedOperator.view();
    }
    int end = first;
    while (end < x.rank() && (reduced[end] || x.extent(end) == 1)) {
      end++;
    }
    boolean together = true;
    for (int axis = end; axis < x.rank(); axis++) {
      together &= !reduced[axis] || x.extent(axis) == 1;
    }
    if (inputs.dtype(0) == DType.FLOAT32 && together) {
      int outer = x.product(0, first);
      int length = x.product(first, end);
      int inner = x.product(end, x.rank());
      return kernel(outer, length, inner, context.kernels().reduce());
    }
    return new ReductionLoop(kind, x, reduced).prepare();
  }

  private PreparedOperator kernel(int outer, int length, int inner, Reduce kernel) {
    long block = (long) length * inner;
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                outer,
                Chunks.grainRows(block),
                (from, to) ->
                    kernel.reduce(
                        kind,
                        new Reduce.Extent(to - from, length, inner),
                        in[0].segment(),
                        from * block,
                        out[0].segment(),
                        (long) from * inner));
  }
}
