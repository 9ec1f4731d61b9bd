package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * An operator that amounts to a few standard ones: it stands for their graph as soon as the types
 * of its inputs are known, so that planning, fusion and batching see through it.
 */
record Composed(String name, Recipe recipe) implements Operator {

  @Override
  public Optional<Graph> inline(OperatorInputs inputs) {
    Sketch sketch = new Sketch(name, inputs);
    return Optional.of(sketch.graph(recipe.draw(sketch)));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    throw new UnsupportedOperationException(name + " is replaced by its graph");
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    throw new UnsupportedOperationException(name + " is replaced by its graph");
  }
}
