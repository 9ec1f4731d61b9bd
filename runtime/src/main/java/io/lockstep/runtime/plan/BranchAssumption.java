package io.lockstep.runtime.plan;

import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers for conditions that only a run can tell, so that types behind a branch can be inferred
 * before. Only conditions that follow from scalar inputs are answered for: all items of a run have
 * those in common, so that all take the same branch.
 */
final class BranchAssumption {

  private final int pattern; // bit i answers the i-th condition
  private final Set<Value> shared;
  private int asked;

  /**
   * A set of answers.
   *
   * @param pattern bit i is the answer to the i-th condition that is met
   * @param scalars inputs that all items of a run have in common
   */
  BranchAssumption(int pattern, Collection<Value> scalars) {
    this.pattern = pattern;
    this.shared = new HashSet<>(scalars);
  }

  /** Conditions answered for so far. */
  int asked() {
    return asked;
  }

  /** A value for {@code condition}, or null when items may differ in it. */
  @Nullable Tensor answer(Value condition, TensorType type) {
    if (!shared.contains(condition) || type.dtype() != DType.BOOL || type.shape().size() != 1) {
      return null;
    }
    boolean holds = (pattern >> Math.min(asked, Integer.SIZE - 1) & 1) == 1;
    asked++;
    return Tensors.ofBooleans(Shape.of(), holds);
  }

  /** Notes a node's outputs as common to all items when all that it reads is. */
  void follow(Node node, List<@Nullable Tensor> constants) {
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.inputs().get(i);
      if (input != null && constants.get(i) == null && !shared.contains(input)) {
        return;
      }
    }
    for (Value output : node.outputs()) {
      if (output != null) {
        shared.add(output);
      }
    }
  }
}
