package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator whose output shapes depend on the values of its inputs, such as NonZero or Loop. It
 * is evaluated between two parts of a plan, and allocates its outputs.
 */
public interface DataDependentOperator extends Operator {

  /** Computes the outputs; a null input is an optional one left out. */
  List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context);

  @Override
  default List<TensorType> outputTypes(OperatorInputs inputs) {
    throw new UnsupportedOperationException(name() + " has no types before it is evaluated");
  }

  @Override
  default PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    throw new UnsupportedOperationException(name() + " is evaluated, not prepared");
  }
}
