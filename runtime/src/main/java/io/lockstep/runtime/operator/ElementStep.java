package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An operator of which each element of the only output comes from the elements of the inputs at the
 * same place after broadcasting, so that it can be a step of an {@link ElementwiseChain}.
 */
public interface ElementStep extends Operator {

  /**
   * The operator as a step, or as several; those on types that they do not take are left to the
   * operator itself.
   *
   * @param operands one for each input
   */
  Node step(List<Node> operands);

  /** The operator as a chain of its own; empty where the types are not of chains. */
  default Optional<ElementChain> chain(OperatorInputs inputs) {
    List<Node> operands = new ArrayList<>();
    for (int i = 0; i < inputs.count(); i++) {
      operands.add(new ElementChain.Input(i));
    }
    return new ElementChain(step(operands), null).of(inputs::dtype);
  }

  /** That chain as a loop; empty where there is none. */
  default Optional<PreparedOperator> alone(OperatorInputs inputs, PrepareContext context) {
    return chain(inputs)
        .map(
            chain -> new ChainLoop(chain, outputTypes(inputs).getFirst()).prepare(inputs, context));
  }
}
