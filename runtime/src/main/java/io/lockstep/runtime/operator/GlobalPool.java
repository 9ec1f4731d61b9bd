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

/**
 * ONNX GlobalAveragePool, GlobalMaxPool and GlobalLpPool: the mean, the largest element or the
 * p-norm of each plane of x [batch, channels, spatial...], as [batch, channels, 1...].
 *
 * @param p the norm's exponent, for {@link Kind#NORM}
 */
record GlobalPool(Kind kind, int p) implements Operator {

  /** What becomes of a plane. */
  enum Kind {
    AVERAGE,
    MAX,
    NORM
  }

  static Operator average(NodeAttributes attributes) {
    return new GlobalPool(Kind.AVERAGE, 0);
  }

  static Operator max(NodeAttributes attributes) {
    return new GlobalPool(Kind.MAX, 0);
  }

  static Operator norm(NodeAttributes attributes) {
    return new GlobalPool(Kind.NORM, Math.toIntExact(attributes.intOr("p", 2)));
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
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 2) {
      throw inputs.invalid("input of shape " + x + ": expected [batch, channels, spatial...]");
    }
    int[] extents = x.toArray();
    Arrays.fill(extents, 2, extents.length, 1);
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int planes = x.product(0, 2);
    int length = x.product(2, x.rank());
    if (inputs.dtype(0) == DType.FLOAT32 && kind != Kind.NORM) {
      Reduce.Kind reduction = kind == Kind.MAX ? Reduce.Kind.MAX : Reduce.Kind.MEAN;
      return (in, out, run) ->
          run.pool()
              .parallelFor(
                  planes,
                  Math.max(1, 16384 / Math.max(1, length)),
                  (from, to) ->
                      context
                          .kernels()
                          .reduce()
                          .reduce(
                              reduction,
                              new Reduce.Extent(to - from, length, 1),
                              in[0].segment(),
                              (long) from * length,
                              out[0].segment(),
                              from));
    }
    return (in, out, run) -> {
      for (int plane = 0; plane < planes; plane++) {
        out[0].setFromDouble(plane, plane(in[0], (long) plane * length, length));
      }
    };
  }

  private double plane(Tensor x, long first, int length) {
    double result = kind == Kind.MAX ? Double.NEGATIVE_INFINITY : 0;
    for (long i = first; i < first + length; i++) {
      double value = x.asDouble(i);
      result =
          switch (kind) {
            case AVERAGE -> result + value;
            case MAX -> Math.max(result, value);
            case NORM -> result + Math.pow(Math.abs(value), p);
          };
    }
    return switch (kind) {
      case AVERAGE -> result / length;
      case MAX -> result;
      case NORM -> Math.pow(result, 1.0 / p);
    };
  }
}
