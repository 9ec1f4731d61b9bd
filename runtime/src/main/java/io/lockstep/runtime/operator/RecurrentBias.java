package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * What is added to the projected inputs of a direction: the first half of its biases, and of the
 * second half, the recurrence's, as much as is not inside another function; the rest of it follows.
 * Summed once when the biases are constant, whose own memory may then be gone.
 */
final class RecurrentBias {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final RecurrentShape shape;
  private final long first; // element of the biases where the direction's begin
  private final int folded;
  private final @Nullable MemorySegment summed; // float [gates * hidden + the rest]

  private RecurrentBias(
      RecurrentShape shape, int direction, int folded, @Nullable MemorySegment summed) {
    this.shape = shape;
    this.first = 2L * direction * shape.gateSize();
    this.folded = folded;
    this.summed = summed;
  }

  /**
   * The bias of a direction.
   *
   * @param folded how many of the recurrence's biases are added, from the first on
   */
  static RecurrentBias of(
      OperatorInputs inputs,
      PrepareContext context,
      RecurrentShape shape,
      int direction,
      int folded) {
    RecurrentBias bias = new RecurrentBias(shape, direction, folded, null);
    int input = RecurrentLayer.BIAS;
    if (!inputs.has(input) || inputs.constant(input).isEmpty()) {
      return bias;
    }
    MemorySegment summed =
        context.packed(
            input,
            "sum/" + direction + "+" + folded,
            (constant, owner) -> {
              MemorySegment sum = owner.allocateBytes(words(shape) * Float.BYTES);
              bias.sum(constant, sum);
              return sum;
            });
    return new RecurrentBias(shape, direction, folded, summed);
  }

  /** Floats that the biases of any direction take at most. */
  static long words(RecurrentShape shape) {
    return 2L * shape.gateSize();
  }

  /**
   * Float [gates * hidden] for a run, and behind them the recurrence's that are not among them;
   * null for none.
   *
   * @param scratch float [{@link #words}]
   */
  @Nullable MemorySegment of(Tensor[] inputs, MemorySegment scratch) {
    if (summed != null) {
      return summed;
    }
    if (!RecurrentLayer.has(inputs, RecurrentLayer.BIAS)) {
      return null;
    }
    sum(inputs[RecurrentLayer.BIAS], scratch);
    return scratch;
  }

  private void sum(Tensor biases, MemorySegment sum) {
    for (int i = 0; i < shape.gateSize(); i++) {
      float recurrent = i < folded ? biases.getFloat(first + shape.gateSize() + i) : 0;
      sum.setAtIndex(FLOAT, i, biases.getFloat(first + i) + recurrent);
    }
    for (int i = folded; i < shape.gateSize(); i++) {
      long rest = (long) shape.gateSize() + i - folded;
      sum.setAtIndex(FLOAT, rest, biases.getFloat(first + shape.gateSize() + i));
    }
  }
}
