package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.operator.Binary;
import io.lockstep.runtime.operator.Clip;
import io.lockstep.runtime.operator.Unary;
import io.lockstep.runtime.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Questions that several passes ask about nodes. */
final class Patterns {

  private Patterns() {}

  /** Whether a node applies this function to two operands. */
  static boolean isBinary(Node node, BinaryFunction function) {
    return node.operator() instanceof Binary binary && binary.function() == function;
  }

  /** Whether a node applies this function to one operand. */
  static boolean isUnary(Node node, UnaryFunction function) {
    return node.operator() instanceof Unary unary && unary.activation().function() == function;
  }

  /** The producer of a value that serves this function only, if it applies it to two operands. */
  static Optional<Node> onlyBinary(
      GraphEditor editor, @Nullable Value value, BinaryFunction function) {
    return editor.onlyFor(value, Binary.class).filter(node -> isBinary(node, function));
  }

  /** The producer of a value, if it applies this function to two operands. */
  static Optional<Node> binary(GraphEditor editor, @Nullable Value value, BinaryFunction function) {
    return editor.producer(value, Binary.class).filter(node -> isBinary(node, function));
  }

  /** The other operand of a node with two operands, one of which is {@code value}. */
  static Optional<Value> otherOperand(Node node, Value value) {
    if (node.input(0).equals(value)) {
      return Optional.of(node.input(1));
    }
    return node.input(1).equals(value) ? Optional.of(node.input(0)) : Optional.empty();
  }

  /** The operand of a node with two operands that is a constant of one element, if one is. */
  static Optional<Value> scalarOperand(GraphEditor editor, Node node) {
    for (int i = 0; i < 2; i++) {
      if (editor.scalar(node.input(i)).isPresent()) {
        return Optional.of(node.input(i));
      }
    }
    return Optional.empty();
  }

  /** The function of a node that a product or convolution can apply as it stores, if it has one. */
  static Optional<Activation> activation(GraphEditor editor, Node node) {
    Operator operator = node.operator();
    if (operator instanceof Unary unary) {
      return Optional.of(unary.activation());
    }
    if (operator instanceof Clip clip) {
      Optional<Float> low = bound(editor, node, 1, clip.low());
      Optional<Float> high = bound(editor, node, 2, clip.high());
      if (low.isPresent() && high.isPresent()) {
        return Optional.of(new Activation(UnaryFunction.CLIP, low.get(), high.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Float> bound(GraphEditor editor, Node node, int input, float attribute) {
    return node.hasInput(input) ? editor.scalar(node.input(input)) : Optional.of(attribute);
  }

  /** The elements of a constant of so many elements, or of one that is repeated so often. */
  static Optional<float[]> perChannel(Optional<Tensor> constant, int channels) {
    return constant
        .filter(tensor -> tensor.dtype().isFloat())
        .filter(tensor -> tensor.size() == 1 || tensor.size() == channels)
        .map(tensor -> {
          float[] values = new float[channels];
          for (int i = 0; i < channels; i++) {
            values[i] = (float) tensor.asDouble(tensor.size() == 1 ? 0 : i);
          }
          return values;
        });
  }
}
