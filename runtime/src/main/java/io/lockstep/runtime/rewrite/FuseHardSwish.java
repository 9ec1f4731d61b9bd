package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.operator.Clip;
import io.lockstep.runtime.operator.Unary;
import java.util.List;
import java.util.Optional;

/** x min(6, max(0, x + 3)) / 6 becomes one HardSwish. */
final class FuseHardSwish implements Rewrite {

  private static final Activation SIX = new Activation(UnaryFunction.CLIP, 0, 6);

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      argument(editor, node)
          .ifPresent(x ->
              editor.replace(
                  node,
                  new Node(
                      node.name(),
                      new Unary("HardSwish", Activation.of(UnaryFunction.HARD_SWISH)),
                      List.of(x),
                      node.outputs())));
    }
    return editor.build();
  }

  private static Optional<Value> argument(GraphEditor editor, Node last) {
    boolean divides =
        Patterns.isBinary(last, BinaryFunction.DIV) && editor.isScalar(last.input(1), 6);
    boolean scales =
        Patterns.isBinary(last, BinaryFunction.MUL) && editor.isScalar(last.input(1), 1 / 6.0);
    if (!divides && !scales) {
      return Optional.empty();
    }
    return Patterns.onlyBinary(editor, last.input(0), BinaryFunction.MUL)
        .flatMap(product -> {
          Optional<Value> left = clippedSum(editor, product.input(1), product.input(0));
          return left.isPresent() ? left : clippedSum(editor, product.input(0), product.input(1));
        });
  }

  /** x, if {@code value} is min(6, max(0, x + 3)). */
  private static Optional<Value> clippedSum(GraphEditor editor, Value value, Value x) {
    return editor
        .onlyFor(value, Clip.class)
        .filter(clip -> Patterns.activation(editor, clip).filter(SIX::equals).isPresent())
        .flatMap(clip -> Patterns.onlyBinary(editor, clip.input(0), BinaryFunction.ADD))
        .flatMap(add -> Patterns.otherOperand(add, x))
        .filter(three -> editor.isScalar(three, 3))
        .map(_ -> x);
  }
}
