package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.operator.LayerNormalization;
import io.lockstep.runtime.operator.Reduction;
import io.lockstep.runtime.operator.Unary;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * (x - mean) / sqrt(mean((x - mean)^2) + epsilon) gamma + beta over the last axis becomes one node.
 */
final class FuseLayerNormalization implements Rewrite {

  /** What the normalising division is made of. */
  private record Normalised(Value x, float epsilon) {}

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (Patterns.isBinary(node, BinaryFunction.ADD)) {
        match(editor, node);
      }
    }
    return editor.build();
  }

  private static void match(GraphEditor editor, Node add) {
    for (int side = 0; side < 2; side++) {
      Value beta = add.input(1 - side);
      Node scaled = Patterns.onlyBinary(editor, add.input(side), BinaryFunction.MUL).orElse(null);
      if (scaled == null || !isVector(editor, beta)) {
        continue;
      }
      for (int factor = 0; factor < 2; factor++) {
        Value gamma = scaled.input(1 - factor);
        Normalised found = normalised(editor, scaled.input(factor)).orElse(null);
        if (found != null && isVector(editor, gamma)) {
          editor.replace(
              add,
              new Node(
                  add.name(),
                  new LayerNormalization(-1, found.epsilon(), false),
                  List.of(found.x(), gamma, beta),
                  add.outputs()));
          return;
        }
      }
    }
  }

  private static boolean isVector(GraphEditor editor, Value value) {
    return editor.constant(value).filter(tensor -> tensor.shape().rank() == 1).isPresent();
  }

  private static Optional<Normalised> normalised(GraphEditor editor, Value value) {
    Node div = Patterns.onlyBinary(editor, value, BinaryFunction.DIV).orElse(null);
    Node centred =
        div == null ? null : Patterns.binary(editor, div.input(0), BinaryFunction.SUB).orElse(null);
    Node root = div == null ? null : editor.onlyFor(div.input(1), Unary.class).orElse(null);
    if (centred == null || root == null || !Patterns.isUnary(root, UnaryFunction.SQRT)) {
      return Optional.empty();
    }
    Value x = centred.input(0);
    Node sum = Patterns.onlyBinary(editor, root.input(0), BinaryFunction.ADD).orElse(null);
    Value epsilon = sum == null ? null : Patterns.scalarOperand(editor, sum).orElse(null);
    if (sum == null || epsilon == null || !isMeanOf(editor, centred.input(1), x)) {
      return Optional.empty();
    }
    return Patterns.otherOperand(sum, epsilon)
        .filter(variance -> isVarianceOf(editor, variance, x))
        .flatMap(_ -> editor.scalar(epsilon))
        .map(e -> new Normalised(x, e));
  }

  private static boolean isMeanOf(GraphEditor editor, Value mean, Value x) {
    return mean(editor, mean).filter(node -> node.input(0).equals(x)).isPresent();
  }

  /** The mean over the last axis that keeps it, if the value is one. */
  private static Optional<Node> mean(GraphEditor editor, @Nullable Value value) {
    return editor
        .producer(value, Reduction.class)
        .filter(node ->
            node.operator() instanceof Reduction reduction
                && reduction.kind() == Reduce.Kind.MEAN
                && reduction.keepDims()
                && isLastAxis(editor, node, reduction));
  }

  private static boolean isLastAxis(GraphEditor editor, Node node, Reduction reduction) {
    if (!node.hasInput(1)) {
      return reduction.axes().equals(List.of(-1L));
    }
    return editor
        .constant(node.input(1))
        .filter(axes -> axes.size() == 1 && axes.asLong(0) == -1)
        .isPresent();
  }

  private static boolean isVarianceOf(GraphEditor editor, Value variance, Value x) {
    Node square =
        mean(editor, variance)
            .flatMap(node -> Patterns.binary(editor, node.input(0), BinaryFunction.POW))
            .filter(node -> editor.isScalar(node.input(1), 2))
            .orElse(null);
    Node centred =
        square == null
            ? null
            : Patterns.binary(editor, square.input(0), BinaryFunction.SUB).orElse(null);
    return centred != null && centred.input(0).equals(x) && isMeanOf(editor, centred.input(1), x);
  }
}
