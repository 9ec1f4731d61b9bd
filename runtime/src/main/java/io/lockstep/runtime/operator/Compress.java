package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Compress 9-11: the entries of x along an axis for which the condition in input 1 holds; a
 * condition shorter than the axis leaves the others out.
 *
 * @param axis empty for all elements of x in order, as a vector
 */
record Compress(OptionalLong axis) implements DataDependentOperator {

  static Compress of(NodeAttributes attributes) {
    return new Compress(
        attributes.has("axis")
            ? OptionalLong.of(attributes.intOr("axis", 0))
            : OptionalLong.empty());
  }

  @Override
  public String name() {
    return "Compress";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor given = Objects.requireNonNull(inputs.get(0), "Compress: the input is missing");
    Tensor condition = Objects.requireNonNull(inputs.get(1), "Compress: the condition is missing");
    Tensor x = axis.isPresent() ? given : given.reshaped(Shape.of(given.shape().intSize()));
    int along = x.shape().axis(Math.toIntExact(axis.orElse(0)));
    int extent = x.shape().extent(along);
    if (condition.size() > extent) {
      throw new InvalidInputException(
          "Compress: %d conditions for axis %d of %s"
              .formatted(condition.size(), along, x.shape()));
    }
    int kept = 0;
    for (long i = 0; i < condition.size(); i++) {
      kept += condition.getBoolean(i) ? 1 : 0;
    }
    Tensor y = context.allocate(x.type().withShape(x.shape().with(along, kept)));
    int inner = x.shape().product(along + 1, x.shape().rank());
    int outer = x.shape().product(0, along);
    long to = 0;
    for (int row = 0; row < outer * condition.size(); row++) {
      int entry = (int) (row % condition.size());
      if (condition.getBoolean(entry)) {
        long from = (row / condition.size() * extent + entry) * inner;
        for (int i = 0; i < inner; i++) {
          Elements.copy(x, from + i, y, to++);
        }
      }
    }
    return List.of(y);
  }
}
