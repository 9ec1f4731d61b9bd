package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.operator.Unary;
import java.util.List;
import java.util.Optional;

/** x (1 + erf(x / sqrt 2)) / 2, in the orders in which exporters write it, becomes one Gelu. */
final class FuseGelu implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (Patterns.isBinary(node, BinaryFunction.MUL)) {
        argument(editor, node)
            .ifPresent(x ->
                editor.replace(
                    node,
                    new Node(
                        node.name(),
                        new Unary("Gelu", Activation.of(UnaryFunction.GELU)),
                        List.of(x),
                        node.outputs())));
      }
    }
    return editor.build();
  }

  /** The x of a node that is the last multiplication of a Gelu. */
  private static Optional<Value> argument(GraphEditor editor, Node last) {
    for (int side = 0; side < 2; side++) {
      Value one = last.input(side);
      Value other = last.input(1 - side);
      // (x g) 0.5, where g = 1 + erf(x / sqrt 2)
      if (editor.isScalar(other, 0.5)) {
        Optional<Value> x =
            Patterns.onlyBinary(editor, one, BinaryFunction.MUL)
                .flatMap(product -> factorOfErf(editor, product));
        if (x.isPresent()) {
          return x;
        }
      }
      // (0.5 x) g
      Optional<Value> x = erfArgument(editor, one);
      if (x.isPresent()
          && Patterns.onlyBinary(editor, other, BinaryFunction.MUL)
              .filter(half -> isHalfOf(editor, half, x.get()))
              .isPresent()) {
        return x;
      }
    }
    return Optional.empty();
  }

  private static boolean isHalfOf(GraphEditor editor, Node half, Value x) {
    return Patterns.otherOperand(half, x).filter(v -> editor.isScalar(v, 0.5)).isPresent();
  }

  private static Optional<Value> factorOfErf(GraphEditor editor, Node product) {
    for (int side = 0; side < 2; side++) {
      Optional<Value> x = erfArgument(editor, product.input(side));
      if (x.isPresent() && x.get().equals(product.input(1 - side))) {
        return x;
      }
    }
    return Optional.empty();
  }

  /** The x of a value that is 1 + erf(x / sqrt 2). */
  private static Optional<Value> erfArgument(GraphEditor editor, Value sum) {
    return Patterns.onlyBinary(editor, sum, BinaryFunction.ADD)
        .flatMap(add ->
            Patterns.scalarOperand(editor, add)
                .filter(one -> editor.isScalar(one, 1))
                .flatMap(one -> Patterns.otherOperand(add, one)))
        .flatMap(erf -> editor.onlyFor(erf, Unary.class))
        .filter(erf -> Patterns.isUnary(erf, UnaryFunction.ERF))
        .flatMap(erf -> dividedByRootOfTwo(editor, erf.input(0)));
  }

  private static Optional<Value> dividedByRootOfTwo(GraphEditor editor, Value value) {
    Optional<Value> divided =
        Patterns.onlyBinary(editor, value, BinaryFunction.DIV)
            .filter(div -> editor.isScalar(div.input(1), Math.sqrt(2)))
            .map(div -> div.input(0));
    return divided.isPresent()
        ? divided
        : Patterns.onlyBinary(editor, value, BinaryFunction.MUL)
            .flatMap(mul ->
                Patterns.scalarOperand(editor, mul)
                    .filter(factor -> editor.isScalar(factor, Math.sqrt(0.5)))
                    .flatMap(factor -> Patterns.otherOperand(mul, factor)));
  }
}
