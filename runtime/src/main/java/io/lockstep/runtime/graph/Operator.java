package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The meaning of a node: what its outputs are, what can go wrong, which kernel computes it.
 * Implementations are records of their attributes.
 */
public interface Operator {

  /** The operator's name as users know it, for messages and {@code inspect}. */
  String name();

  /**
   * The types of the outputs, at least as many as any node of this operator names.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when inputs and attributes do not fit
   */
  List<TensorType> outputTypes(OperatorInputs inputs);

  /** Chooses the kernel for these inputs; called once for each plan, never while running. */
  PreparedOperator prepare(OperatorInputs inputs, PrepareContext context);

  /**
   * Whether {@link #outputTypes} or {@link #prepare} needs the value of this input, not only its
   * type: shapes, axes, repeats. A plan waits for a value that only a run can tell. Weights, which
   * may be large, are then taken through {@link PrepareContext#packed} only.
   */
  default boolean needsValue(int input) {
    return false;
  }

  /** The first output where the types of the inputs alone tell its value, as for Shape. */
  default Optional<Tensor> outputFromTypes(OperatorInputs inputs) {
    return Optional.empty();
  }

  /**
   * The graph that this operator stands for when these inputs are known, such as a taken branch.
   */
  default Optional<Graph> inline(OperatorInputs inputs) {
    return Optional.empty();
  }

  /**
   * The same, where it can be told before anything is known of the inputs but which are given.
   *
   * @param given by index
   */
  default Optional<Graph> inline(BitSet given) {
    return Optional.empty();
  }

  /** The graphs that this operator runs or may stand for, such as its branches or its body. */
  default List<Graph> bodies() {
    return List.of();
  }
}
