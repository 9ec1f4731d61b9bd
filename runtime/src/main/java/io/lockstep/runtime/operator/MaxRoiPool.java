package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
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
 * ONNX MaxRoiPool 1-22: each region of interest as a small image of maxima.
 *
 * <p>Inputs: x [batch, channels, height, width]; regions [count, 5] as image, x1, y1, x2, y2.
 * Output: [count, channels, rows, columns].
 *
 * @param scale from the regions' coordinates to those of x
 */
record MaxRoiPool(int rows, int columns, float scale) implements Operator {

  static Operator of(NodeAttributes attributes) {
    long[] pooled = attributes.ints("pooled_shape");
    return new MaxRoiPool(
        WindowAttributes.at(pooled, 0, 1),
        WindowAttributes.at(pooled, 1, 1),
        attributes.floatOr("spatial_scale", 1));
  }

  @Override
  public String name() {
    return "MaxRoiPool";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape regions = inputs.shape(1);
    if (x.rank() != 4 || regions.rank() != 2 || regions.extent(1) != 5) {
      throw inputs.invalid("regions %s in %s".formatted(regions, x));
    }
    return List.of(
        inputs.type(0).withShape(Shape.of(regions.extent(0), x.extent(1), rows, columns)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int regions = inputs.shape(1).extent(0);
    return (in, out, run) -> {
      for (int region = 0; region < regions; region++) {
        region(x, in, out[0], region);
      }
    };
  }

  private void region(Shape x, Tensor[] in, Tensor y, int region) {
    long image = in[1].asLong(5L * region);
    if (image < 0 || image >= x.extent(0)) {
      throw new InvalidInputException(
          "MaxRoiPool: region %d of image %d, there are %d".formatted(region, image, x.extent(0)));
    }
    int left = (int) Math.round(in[1].asDouble(5L * region + 1) * scale);
    int top = (int) Math.round(in[1].asDouble(5L * region + 2) * scale);
    int width = Math.max(1, (int) Math.round(in[1].asDouble(5L * region + 3) * scale) - left + 1);
    int height = Math.max(1, (int) Math.round(in[1].asDouble(5L * region + 4) * scale) - top + 1);
    long at = (long) region * x.extent(1) * rows * columns;
    for (int channel = 0; channel < x.extent(1); channel++) {
      long plane = (image * x.extent(1) + channel) * x.product(2, 4);
      for (int row = 0; row < rows; row++) {
        int fromRow = edge(top, height, row, rows, x.extent(2), false);
        int toRow = edge(top, height, row + 1, rows, x.extent(2), true);
        for (int column = 0; column < columns; column++) {
          int from = edge(left, width, column, columns, x.extent(3), false);
          int to = edge(left, width, column + 1, columns, x.extent(3), true);
          y.setFromDouble(at++, largest(in[0], plane, x.extent(3), fromRow, toRow, from, to));
        }
      }
    }
  }

  /** Where a part of a region begins, or ends, within the image. */
  private static int edge(int start, int extent, int part, int parts, int limit, boolean up) {
    double at = (double) part * extent / parts;
    return Math.clamp(start + (long) (up ? Math.ceil(at) : Math.floor(at)), 0, limit);
  }

  private static double largest(
      Tensor x, long plane, int width, int fromRow, int toRow, int from, int to) {
    double largest = fromRow >= toRow || from >= to ? 0 : Double.NEGATIVE_INFINITY;
    for (int row = fromRow; row < toRow; row++) {
      for (int column = from; column < to; column++) {
        largest = Math.max(largest, x.asDouble(plane + (long) row * width + column));
      }
    }
    return largest;
  }
}
