package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.function.Function;

/**
 * ONNX Min, Max 6-13, Sum and Mean 6-13: any number of inputs brought together element by element
 * after broadcasting, from the first to the last.
 *
 * @param mean whether the sum is divided by the number of inputs
 */
public record Variadic(BinaryFunction function, boolean mean) implements ElementStep {

  static Function<NodeAttributes, Operator> of(BinaryFunction function) {
    return attributes -> {
      boolean two = attributes.inputCount() == 2;
      return two ? new Binary(attributes.operator(), function) : new Variadic(function, false);
    };
  }

  static Operator ofMean(NodeAttributes attributes) {
    return new Variadic(BinaryFunction.ADD, true);
  }

  @Override
  public String name() {
    if (mean) {
      return "Mean";
    }
    return function == BinaryFunction.ADD
        ? "Sum"
        : (function == BinaryFunction.MIN ? "Min" : "Max");
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    ElementChain.Node all = operands.getFirst();
    for (ElementChain.Node operand : operands.subList(1, operands.size())) {
      all = new ElementChain.Binary(function, all, operand);
    }
    return mean
        ? new ElementChain.Binary(
            BinaryFunction.DIV, all, new ElementChain.Literal(operands.size()))
        : all;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape shape = inputs.shape(0);
    for (int i = 1; i < inputs.count(); i++) {
      shape = BroadcastLoops.shape(inputs, shape, inputs.shape(i));
      if (inputs.dtype(i) != inputs.dtype(0)) {
        throw inputs.invalid(
            "inputs are of different types: %s and %s".formatted(inputs.type(0), inputs.type(i)));
      }
    }
    return List.of(inputs.type(0).withShape(shape));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType type = outputTypes(inputs).getFirst();
    Shape output = type.shape();
    int count = inputs.count();
    StridedCopy first = Expand.spread(inputs.type(0), output);
    Elementwise kernel = context.kernels().elementwise();
    BinaryLoop[] steps = new BinaryLoop[count];
    for (int i = 1; i < count; i++) {
      BroadcastLoops loops = BroadcastLoops.of(output, output, inputs.shape(i));
      steps[i] = BinaryLoop.of(function, type.dtype(), type.dtype(), kernel, loops);
    }
    return (in, out, run) -> {
      first.run(in[0], out[0], run);
      for (int i = 1; i < count; i++) {
        steps[i].run(out[0], in[i], out[0], run.pool());
      }
      if (mean) {
        for (long i = 0; i < out[0].size(); i++) {
          out[0].setFromDouble(i, out[0].asDouble(i) / count);
        }
      }
    };
  }
}
