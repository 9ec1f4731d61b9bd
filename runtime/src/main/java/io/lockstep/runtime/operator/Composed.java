package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.TensorType;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * An operator that amounts to a few standard ones: it stands for their graph as soon as the types
 * of its inputs are known, or from the start, so that planning, fusion and batching see through it.
 *
 * @param fitsAnyTypes whether the recipe does not look at types
 */
record Composed(String name, boolean fitsAnyTypes, Recipe recipe) implements Operator {

  /** By a recipe that looks at the types of the inputs. */
  Composed(String name, Recipe recipe) {
    this(name, false, recipe);
  }

  /** By a recipe that is the same whatever the types are. */
  static Composed ofAnyTypes(String name, Recipe recipe) {
    return new Composed(name, true, recipe);
  }

  @Override
  public Optional<Graph> inline(OperatorInputs inputs) {
    Sketch sketch = new Sketch(name, inputs);
    return Optional.of(sketch.graph(recipe.draw(sketch)));
  }

  @Override
  public Optional<Graph> inline(BitSet given) {
    if (!fitsAnyTypes) {
      return Optional.empty();
    }
    Sketch sketch = new Sketch(name, given);
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
