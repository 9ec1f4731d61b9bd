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
 * ONNX RoiAlign 10-22: each region of interest as a small image, whose elements are the mean, or
 * the maximum, of bilinear samples.
 *
 * <p>Inputs: x [batch, channels, height, width]; regions [count, 4] as x1, y1, x2, y2; the image of
 * each region, INT64 [count]. Output: [count, channels, rows, columns].
 *
 * @param samples along each axis of an output element; 0 for as many as input elements it covers
 * @param scale from the regions' coordinates to those of x
 * @param halfPixel whether coordinates are of pixel centres
 */
record RoiAlign(int rows, int columns, int samples, float scale, boolean halfPixel, boolean maximum)
    implements Operator {

  private static final int FIRST_HALF_PIXEL = 16;

  static Operator of(NodeAttributes attributes) {
    String standard = attributes.opset() < FIRST_HALF_PIXEL ? "output_half_pixel" : "half_pixel";
    return new RoiAlign(
        Math.toIntExact(attributes.intOr("output_height", 1)),
        Math.toIntExact(attributes.intOr("output_width", 1)),
        Math.toIntExact(attributes.intOr("sampling_ratio", 0)),
        attributes.floatOr("spatial_scale", 1),
        attributes.stringOr("coordinate_transformation_mode", standard).equals("half_pixel"),
        attributes.stringOr("mode", "avg").equals("max"));
  }

  @Override
  public String name() {
    return "RoiAlign";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape regions = inputs.shape(1);
    if (x.rank() != 4
        || regions.rank() != 2
        || regions.extent(1) != 4
        || inputs.shape(2).size() != regions.extent(0)) {
      throw inputs.invalid("regions %s of images %s in %s".formatted(regions, inputs.shape(2), x));
    }
    return List.of(
        inputs.type(0).withShape(Shape.of(regions.extent(0), x.extent(1), rows, columns)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int regions = inputs.shape(1).extent(0);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                regions,
                1,
                (from, to) -> {
                  for (int region = from; region < to; region++) {
                    region(x, in, out[0], region);
                  }
                });
  }

  private void region(Shape x, Tensor[] in, Tensor y, int region) {
    long image = in[2].asLong(region);
    if (image < 0 || image >= x.extent(0)) {
      throw new InvalidInputException(
          "RoiAlign: region %d of image %d, there are %d".formatted(region, image, x.extent(0)));
    }
    double offset = halfPixel ? 0.5 : 0;
    double left = in[1].asDouble(4L * region) * scale - offset;
    double top = in[1].asDouble(4L * region + 1) * scale - offset;
    double width = in[1].asDouble(4L * region + 2) * scale - offset - left;
    double height = in[1].asDouble(4L * region + 3) * scale - offset - top;
    if (!halfPixel) {
      width = Math.max(width, 1);
      height = Math.max(height, 1);
    }
    int down = samples > 0 ? samples : (int) Math.ceil(height / rows);
    int across = samples > 0 ? samples : (int) Math.ceil(width / columns);
    Sampler sampler =
        new Sampler(in[0], x.extent(2), x.extent(3), top, left, height / rows, width / columns);
    for (int channel = 0; channel < x.extent(1); channel++) {
      long plane = (image * x.extent(1) + channel) * x.product(2, 4);
      long first = ((long) region * x.extent(1) + channel) * rows * columns;
      for (int i = 0; i < rows * columns; i++) {
        y.setFromDouble(
            first + i, sampler.element(plane, i / columns, i % columns, down, across, maximum));
      }
    }
  }

  /** Samples one region. */
  private record Sampler(
      Tensor x, int height, int width, double top, double left, double rowSize, double columnSize) {

    double element(long plane, int row, int column, int down, int across, boolean maximum) {
      double sum = 0;
      double largest = down * across == 0 ? 0 : Double.NEGATIVE_INFINITY;
      for (int i = 0; i < down; i++) {
        double y = top + (row + (i + 0.5) / down) * rowSize;
        for (int j = 0; j < across; j++) {
          double at = left + (column + (j + 0.5) / across) * columnSize;
          double mixed = sample(plane, y, at, maximum);
          sum += mixed;
          largest = Math.max(largest, mixed);
        }
      }
      return maximum ? largest : sum / Math.max(1, down * across);
    }

    /** A bilinear mixture; in the maximum mode the largest of its four terms, as others do. */
    private double sample(long plane, double y, double at, boolean maximum) {
      if (y < -1 || y > height || at < -1 || at > width) {
        return 0;
      }
      double row = Math.clamp(y, 0, height - 1.0);
      double column = Math.clamp(at, 0, width - 1.0);
      int low = (int) row;
      int first = (int) column;
      int high = Math.min(low + 1, height - 1);
      int last = Math.min(first + 1, width - 1);
      double down = row - low;
      double right = column - first;
      double a = (1 - down) * (1 - right) * x.asDouble(plane + (long) low * width + first);
      double b = (1 - down) * right * x.asDouble(plane + (long) low * width + last);
      double c = down * (1 - right) * x.asDouble(plane + (long) high * width + first);
      double d = down * right * x.asDouble(plane + (long) high * width + last);
      return maximum ? Math.max(Math.max(a, b), Math.max(c, d)) : a + b + c + d;
    }
  }
}
