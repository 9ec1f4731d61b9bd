package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/** ONNX Concat 4-13: the inputs one behind the other along {@code axis}. */
public record Concat(int axis) implements LayoutAware {

  static Concat of(NodeAttributes attributes) {
    if (!attributes.has("axis")) {
      throw new InvalidModelException("Concat: the axis is missing");
    }
    return new Concat(Math.toIntExact(attributes.intOr("axis", 0)));
  }

  @Override
  public String name() {
    return "Concat";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new Concat(ImageLayout.axisLast(axis, rank)));
  }

  @Override
  public boolean isImage(int input) {
    return true;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    TensorType first = inputs.type(0);
    int at = Axes.resolve(inputs, axis, first.shape().rank());
    long extent = 0;
    for (int i = 0; i < inputs.count(); i++) {
      TensorType part = inputs.type(i);
      if (part.dtype() != first.dtype()
          || part.shape().rank() != first.shape().rank()
          || !part.shape().with(at, 0).equals(first.shape().with(at, 0))) {
        throw inputs.invalid(
            "input %d is %s and does not join %s along axis %d".formatted(i, part, first, at));
      }
      extent += part.shape().extent(at);
    }
    return List.of(first.withShape(first.shape().with(at, Math.toIntExact(extent))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType y = outputTypes(inputs).getFirst();
    int at = Axes.resolve(inputs, axis, y.shape().rank());
    long[] strides = y.shape().strides();
    DType dtype = y.dtype();
    StridedCopy[] parts = new StridedCopy[inputs.count()];
    long first = 0;
    for (int i = 0; i < parts.length; i++) {
      Shape part = inputs.shape(i);
      parts[i] =
          StridedCopy.of(dtype, part.toArray(), 0, part.strides(), first * strides[at], strides);
      first += part.extent(at);
    }
    if (parts.length == 1) {
      return PreparedOperator.view();
    }
    return (in, out, run) -> {
      for (int i = 0; i < parts.length; i++) {
        parts[i].run(in[i], out[0], run);
      }
    };
  }
}
