package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * ONNX GlobalAveragePool, GlobalMaxPool and GlobalLpPool: the mean, the largest element or the
 * p-norm of each plane of x [batch, channels, spatial...], as [batch, channels, 1...].
 *
 * @param p the norm's exponent, for {@link Kind#NORM}
 * @param layout of x and y; as read from a model, channels come first
 */
record GlobalPool(Kind kind, int p, ImageLayout layout) implements LayoutAware {

  /** What becomes of a plane. */
  enum Kind {
    AVERAGE,
    MAX,
    NORM
  }

  static Operator average(NodeAttributes attributes) {
    return new GlobalPool(Kind.AVERAGE, 0, ImageLayout.CHANNELS_FIRST);
  }

  static Operator max(NodeAttributes attributes) {
    return new GlobalPool(Kind.MAX, 0, ImageLayout.CHANNELS_FIRST);
  }

  static Operator norm(NodeAttributes attributes) {
    return new GlobalPool(
        Kind.NORM, Math.toIntExact(attributes.intOr("p", 2)), ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return switch (kind) {
      case AVERAGE -> "GlobalAveragePool";
      case MAX -> "GlobalMaxPool";
      case NORM -> "GlobalLpPool";
    };
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new GlobalPool(kind, p, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 2) {
      throw inputs.invalid("input of shape " + x + ": expected [batch, channels, spatial...]");
    }
    int[] extents = layout.channelsFirst(x).toArray();
    Arrays.fill(extents, 2, extents.length, 1);
    return List.of(inputs.type(0).withShape(layout.of(Shape.of(extents))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Reduce.Extent extent =
        layout == ImageLayout.CHANNELS_LAST
            ? new Reduce.Extent(x.extent(0), x.product(1, x.rank() - 1), x.extent(-1))
            : new Reduce.Extent(x.product(0, 2), x.product(2, x.rank()), 1);
    if (inputs.dtype(0) == DType.FLOAT32 && kind != Kind.NORM) {
      return floats(extent, context.kernels().reduce());
    }
    return (in, out, run) -> {
      for (int i = 0; i < extent.outer() * extent.inner(); i++) {
        out[0].setFromDouble(i, plane(in[0], extent, i));
      }
    };
  }

  private PreparedOperator floats(Reduce.Extent extent, Reduce kernel) {
    Reduce.Kind reduction = kind == Kind.MAX ? Reduce.Kind.MAX : Reduce.Kind.MEAN;
    long block = (long) extent.length() * extent.inner();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                extent.outer(),
                (int) Math.max(1, 16384 / Math.max(1, block)),
                (from, to) ->
                    kernel.reduce(
                        reduction,
                        new Reduce.Extent(to - from, extent.length(), extent.inner()),
                        in[0].segment(),
                        from * block,
                        out[0].segment(),
                        (long) from * extent.inner()));
  }

  private double plane(Tensor x, Reduce.Extent extent, int output) {
    long first = (long) output / extent.inner() * extent.length() * extent.inner();
    double result = kind == Kind.MAX ? Double.NEGATIVE_INFINITY : 0;
    for (int i = 0; i < extent.length(); i++) {
      double value = x.asDouble(first + (long) i * extent.inner() + output % extent.inner());
      result =
          switch (kind) {
            case AVERAGE -> result + value;
            case MAX -> Math.max(result, value);
            case NORM -> result + Math.pow(Math.abs(value), p);
          };
    }
    return switch (kind) {
      case AVERAGE -> result / extent.length();
      case MAX -> result;
      case NORM -> Math.pow(result, 1.0 / p);
    };
  }
}
