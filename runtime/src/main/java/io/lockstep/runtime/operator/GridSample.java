package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
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
 * ONNX GridSample 16-22: samples x [batch, channels, spatial...] at the points of a grid [batch,
 * output spatial..., spatial rank], whose coordinates run from -1 to 1 and name the innermost axis
 * first. Output: [batch, channels, output spatial...].
 *
 * @param alignCorners whether -1 and 1 are the centres of the corner elements, not their outer
 *     edges
 */
record GridSample(Mode mode, Padding padding, boolean alignCorners) implements Operator {

  /** How elements around a point are mixed. */
  enum Mode {
    NEAREST,
    LINEAR,
    CUBIC
  }

  /** What lies outside of x. */
  enum Padding {
    ZEROS,
    BORDER,
    REFLECTION
  }

  /** Keys' cubic coefficient. */
  private static final double CUBIC_A = -0.75;

  static Operator of(NodeAttributes attributes) {
    String mode = attributes.stringOr("mode", "linear");
    String padding = attributes.stringOr("padding_mode", "zeros");
    return new GridSample(
        switch (mode) {
          case "nearest" -> Mode.NEAREST;
          case "linear", "bilinear" -> Mode.LINEAR;
          case "cubic", "bicubic" -> Mode.CUBIC;
          default -> throw new UnsupportedModelException("GridSample: mode " + mode);
        },
        switch (padding) {
          case "zeros" -> Padding.ZEROS;
          case "border" -> Padding.BORDER;
          case "reflection" -> Padding.REFLECTION;
          default -> throw new UnsupportedModelException("GridSample: padding_mode " + padding);
        },
        attributes.intOr("align_corners", 0) != 0);
  }

  @Override
  public String name() {
    return "GridSample";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape grid = inputs.shape(1);
    int rank = x.rank() - 2;
    if (rank < 1
        || grid.rank() != x.rank()
        || grid.extent(-1) != rank
        || grid.extent(0) != x.extent(0)) {
      throw inputs.invalid("grid %s does not fit the input %s".formatted(grid, x));
    }
    int[] extents = x.toArray();
    for (int i = 0; i < rank; i++) {
      extents[i + 2] = grid.extent(i + 1);
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  private int taps() {
    return switch (mode) {
      case NEAREST -> 1;
      case LINEAR -> 2;
      case CUBIC -> 4;
    };
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int rank = x.rank() - 2;
    int points = inputs.shape(1).product(1, rank + 1);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                x.extent(0) * points,
                256,
                (from, to) -> {
                  int[] indices = new int[rank * taps()];
                  double[] weights = new double[rank * taps()];
                  for (int point = from; point < to; point++) {
                    locate(x, in[1], point, indices, weights);
                    for (int channel = 0; channel < x.extent(1); channel++) {
                      long image = (long) (point / points) * x.extent(1) + channel;
                      double mixed = mix(x, in[0], image, indices, weights);
                      out[0].setFromDouble(image * points + point % points, mixed);
                    }
                  }
                });
  }

  /** Finds the elements around a point and their weights: [rank, taps]; -1 for a zero outside. */
  private void locate(Shape x, Tensor grid, int point, int[] indices, double[] weights) {
    int rank = x.rank() - 2;
    for (int axis = 0; axis < rank; axis++) {
      int extent = x.extent(axis + 2);
      double coordinate = grid.asDouble((long) point * rank + rank - 1 - axis);
      double at =
          alignCorners ? (coordinate + 1) / 2 * (extent - 1) : ((coordinate + 1) * extent - 1) / 2;
      at = mode == Mode.CUBIC ? at : inside(at, extent);
      int taps = taps();
      double base = mode == Mode.NEAREST ? Math.rint(at) : Math.floor(at);
      double fraction = at - base;
      for (int t = 0; t < taps; t++) {
        int offset = mode == Mode.CUBIC ? t - 1 : t;
        indices[axis * taps + t] = element(base + offset, extent);
        weights[axis * taps + t] = weight(Math.abs(offset - fraction));
      }
    }
  }

  /** A coordinate moved into x as the padding wants it; as it is for zeros. */
  private double inside(double at, int extent) {
    return switch (padding) {
      case ZEROS -> at;
      case BORDER -> Math.clamp(at, 0, Math.max(0, extent - 1.0));
      case REFLECTION -> reflected(at, extent);
    };
  }

  private double reflected(double at, int extent) {
    double low = alignCorners ? 0 : -0.5;
    double high = alignCorners ? extent - 1.0 : extent - 0.5;
    double range = high - low;
    if (at >= low && at <= high) {
      return at;
    }
    if (range <= 0) {
      return 0;
    }
    double distance = at < low ? low - at : at - high;
    double rest = distance % range;
    boolean odd = (long) (distance / range) % 2 != 0;
    return (at < low) == odd ? high - rest : low + rest;
  }

  private int element(double index, int extent) {
    if (index >= 0 && index < extent) {
      return (int) index;
    }
    return switch (padding) {
      case ZEROS -> -1;
      case BORDER -> Math.clamp((long) index, 0, extent - 1);
      case REFLECTION -> Math.clamp((long) reflected(index, extent), 0, extent - 1);
    };
  }

  private double weight(double d) {
    return switch (mode) {
      case NEAREST -> 1;
      case LINEAR -> Math.max(0, 1 - d);
      case CUBIC -> {
        double a = CUBIC_A;
        yield d <= 1
            ? ((a + 2) * d - (a + 3)) * d * d + 1
            : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
      }
    };
  }

  /** The weighted sum over the taps of all axes. */
  private double mix(Shape x, Tensor values, long image, int[] indices, double[] weights) {
    int rank = x.rank() - 2;
    int taps = taps();
    int combinations = 1;
    for (int axis = 0; axis < rank; axis++) {
      combinations *= taps;
    }
    double sum = 0;
    for (int combination = 0; combination < combinations; combination++) {
      long at = image;
      double weight = 1;
      int rest = combination;
      for (int axis = 0; axis < rank; axis++) {
        int tap = axis * taps + rest % taps;
        rest /= taps;
        weight = indices[tap] < 0 ? 0 : weight * weights[tap];
        at = at * x.extent(axis + 2) + Math.max(0, indices[tap]);
      }
      sum += weight == 0 ? 0 : weight * values.asDouble(at);
    }
    return sum;
  }
}
