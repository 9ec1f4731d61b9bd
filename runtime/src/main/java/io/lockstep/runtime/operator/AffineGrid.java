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
 * ONNX AffineGrid 20: the points that {@link GridSample} samples, each the affine image of a
 * regular grid's point.
 *
 * <p>Inputs: theta [batch, rank, rank + 1]; the size [batch, channels, spatial...] of the image to
 * be made. Output: [batch, spatial..., rank].
 */
record AffineGrid(boolean alignCorners) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new AffineGrid(attributes.intOr("align_corners", 0) != 0);
  }

  @Override
  public String name() {
    return "AffineGrid";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape size = Shape.ofLongs(inputs.value(1).toLongs());
    Shape theta = inputs.shape(0);
    int rank = size.rank() - 2;
    if (rank < 1 || !theta.equals(Shape.of(size.extent(0), rank, rank + 1))) {
      throw inputs.invalid("theta %s does not fit an image of size %s".formatted(theta, size));
    }
    int[] extents = new int[rank + 2];
    extents[0] = size.extent(0);
    for (int i = 0; i < rank; i++) {
      extents[i + 1] = size.extent(i + 2);
    }
    extents[rank + 1] = rank;
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape grid = outputTypes(inputs).getFirst().shape();
    int rank = grid.rank() - 2;
    int points = grid.product(1, rank + 1);
    return (in, out, run) -> {
      for (int image = 0; image < grid.extent(0); image++) {
        for (int point = 0; point < points; point++) {
          point(grid, in[0], image, point, out[0], (long) image * points + point);
        }
      }
    };
  }

  private void point(Shape grid, Tensor theta, int image, int point, Tensor y, long at) {
    int rank = grid.rank() - 2;
    for (int i = 0; i < rank; i++) {
      long row = ((long) image * rank + i) * (rank + 1);
      double sum = theta.asDouble(row + rank);
      int rest = point;
      for (int axis = rank; axis >= 1; axis--) {
        int extent = grid.extent(axis);
        sum += theta.asDouble(row + rank - axis) * coordinate(rest % extent, extent);
        rest /= extent;
      }
      y.setFromDouble(at * rank + i, sum);
    }
  }

  private double coordinate(int index, int extent) {
    if (alignCorners) {
      return extent == 1 ? -1 : 2.0 * index / (extent - 1) - 1;
    }
    return (2.0 * index + 1) / extent - 1;
  }
}
