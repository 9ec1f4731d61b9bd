package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** What a {@link DataDependentOperator} may use while it is evaluated. */
public interface EvaluationContext {

  /** A zeroed tensor that lives until the run ends. */
  Tensor allocate(TensorType type);

  /** Runs a subgraph, such as a loop's body; the results live until the run ends. */
  List<Tensor> run(Graph graph, List<Tensor> inputs);
}
