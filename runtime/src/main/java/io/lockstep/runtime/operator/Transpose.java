package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Transpose 1-25: axis i of y is axis {@code permutation[i]} of x.
 *
 * @param permutation empty for all axes in reverse order
 */
public record Transpose(List<Integer> permutation) implements Operator {

  static Transpose of(NodeAttributes attributes) {
    return new Transpose(
        Arrays.stream(attributes.ints("perm")).mapToObj(Math::toIntExact).toList());
  }

  @Override
  public String name() {
    return "Transpose";
  }

  private int axis(int i, int rank) {
    return permutation.isEmpty() ? rank - 1 - i : permutation.get(i);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (!permutation.isEmpty()
        && (permutation.size() != x.rank()
            || permutation.stream().distinct().count() != x.rank()
            || permutation.stream().anyMatch(axis -> axis < 0 || axis >= x.rank()))) {
      throw inputs.invalid(permutation + " does not permute the axes of " + x);
    }
    int[] extents = new int[x.rank()];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = x.extent(axis(i, extents.length));
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  /** Whether all axes but those of extent 1 stay in their order, so that no element moves. */
  private boolean movesOnlyUnits(Shape x) {
    int latest = -1;
    for (int i = 0; i < x.rank(); i++) {
      int axis = axis(i, x.rank());
      if (x.extent(axis) != 1) {
        if (axis < latest) {
          return false;
        }
        latest = axis;
      }
    }
    return true;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    if (movesOnlyUnits(x)) {
      return PreparedOperator.view();
    }
    TensorType y = outputTypes(inputs).getFirst();
    long[] strides = x.strides();
    long[] permuted = new long[strides.length];
    for (int i = 0; i < permuted.length; i++) {
      permuted[i] = strides[axis(i, strides.length)];
    }
    return StridedCopy.gather(y.dtype(), y.shape(), 0, permuted).prepared(x.size());
  }
}
