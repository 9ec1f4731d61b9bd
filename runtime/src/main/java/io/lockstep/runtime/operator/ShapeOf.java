package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** ONNX Shape 1-25: the extents of the axes [start, end) of x as INT64; the bounds are clamped. */
public record ShapeOf(long start, long end) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new ShapeOf(attributes.intOr("start", 0), attributes.intOr("end", Long.MAX_VALUE));
  }

  @Override
  public String name() {
    return "Shape";
  }

  private long[] extents(Shape x) {
    int from = clamp(start, x.rank());
    int to = Math.max(from, clamp(end, x.rank()));
    return Arrays.copyOfRange(x.toLongArray(), from, to);
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.clamp(axis < 0 ? axis + rank : axis, 0L, rank);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(TensorType.of(DType.INT64, extents(inputs.shape(0)).length));
  }

  @Override
  public Optional<Tensor> outputFromTypes(OperatorInputs inputs) {
    return Optional.of(Tensors.vector(extents(inputs.shape(0))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Tensor extents = Tensors.vector(extents(inputs.shape(0)));
    return (_, out, _) -> out[0].copyFrom(extents);
  }
}
