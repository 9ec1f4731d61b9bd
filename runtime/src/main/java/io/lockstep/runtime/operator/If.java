package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX If 1-25: stands for one of two graphs, as soon as its condition is known.
 *
 * <p>Inputs: the condition, BOOL with one element; then what the branches take from outside, which
 * are the inputs of both branches.
 */
record If(Graph thenBranch, Graph elseBranch) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new If(attributes.graph("then_branch"), attributes.graph("else_branch"));
  }

  @Override
  public List<Graph> bodies() {
    return List.of(thenBranch, elseBranch);
  }

  @Override
  public String name() {
    return "If";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 0;
  }

  @Override
  public Optional<Graph> inline(OperatorInputs inputs) {
    Tensor condition = inputs.value(0);
    if (condition.size() != 1) {
      throw inputs.invalid("condition is " + condition.type() + ", expected one element");
    }
    return Optional.of(condition.getBoolean(0) ? thenBranch : elseBranch);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    throw new UnsupportedOperationException("If is replaced by its branch");
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    throw new UnsupportedOperationException("If is replaced by its branch");
  }
}
