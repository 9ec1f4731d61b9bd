package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX Cast 6-25: each element brought to another type. Floats become integers by truncation,
 * anything but zero is true, numbers become their decimal text and back.
 */
public record Cast(DType to) implements LayoutAware, ElementStep {

  static Operator of(NodeAttributes attributes) {
    return new Cast(DType.ofOnnx((int) attributes.intOr("to", 0)));
  }

  @Override
  public String name() {
    return "Cast";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(this);
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Convert(to, operands.getFirst());
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0).withDType(to));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    DType from = inputs.dtype(0);
    return from == to
        ? PreparedOperator.view()
        : alone(inputs, context).orElseGet(() -> Conversion.prepare(from, to));
  }
}
