package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.operator.Attention;
import io.lockstep.runtime.operator.MatMul;
import io.lockstep.runtime.operator.Softmax;
import io.lockstep.runtime.operator.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * softmax(scale q k^T + mask) v of transposed heads, transposed back, becomes one Attention that
 * reads and writes heads where they lie side by side.
 */
final class FuseAttention implements Rewrite {

  /** [batch, length, heads, size] to [batch, heads, length, size] and back. */
  private static final List<Integer> HEADS = List.of(0, 2, 1, 3);

  /** The same to [batch, heads, size, length]. */
  private static final List<Integer> HEADS_TRANSPOSED = List.of(0, 2, 3, 1);

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Transpose back && back.permutation().equals(HEADS)) {
        attention(editor, node).ifPresent(fused -> editor.replace(node, fused));
      }
    }
    return editor.build();
  }

  private static Optional<Node> attention(GraphEditor editor, Node back) {
    Node combined = product(editor, back.input(0)).orElse(null);
    if (combined == null || !isPlain(combined, 1)) {
      return Optional.empty();
    }
    boolean swapped = ((MatMul) combined.operator()).transposeB();
    Value v =
        transposed(editor, combined.input(1), swapped ? HEADS_TRANSPOSED : HEADS).orElse(null);
    Node softmax = editor.onlyFor(combined.input(0), Softmax.class).orElse(null);
    if (v == null || softmax == null || !isOfKeys(softmax)) {
      return Optional.empty();
    }
    Node masked = Patterns.onlyBinary(editor, softmax.input(0), BinaryFunction.ADD).orElse(null);
    if (masked == null) {
      return product(editor, softmax.input(0)).flatMap(q -> fused(editor, back, q, v, null));
    }
    for (int side = 0; side < 2; side++) {
      Value mask = masked.input(1 - side);
      Optional<Node> fused =
          product(editor, masked.input(side))
              .flatMap(scores -> fused(editor, back, scores, v, mask));
      if (fused.isPresent()) {
        return fused;
      }
    }
    return Optional.empty();
  }

  private static Optional<Node> fused(
      GraphEditor editor, Node back, Node scores, Value v, @Nullable Value mask) {
    MatMul product = (MatMul) scores.operator();
    if (!isPlain(scores, product.alpha())) {
      return Optional.empty();
    }
    Value q = transposed(editor, scores.input(0), HEADS).orElse(null);
    Value k =
        transposed(editor, scores.input(1), product.transposeB() ? HEADS : HEADS_TRANSPOSED)
            .orElse(null);
    if (q == null || k == null) {
      return Optional.empty();
    }
    List<Value> inputs = new ArrayList<>(List.of(q, k, v));
    if (mask != null) {
      inputs.add(mask);
    }
    return Optional.of(
        new Node(back.name(), Attention.lengthFirst(product.alpha()), inputs, back.outputs()));
  }

  private static Optional<Node> product(GraphEditor editor, @Nullable Value value) {
    return editor.onlyFor(value, MatMul.class);
  }

  /** Whether a product has this factor and neither a bias nor an activation. */
  private static boolean isPlain(Node node, float alpha) {
    MatMul product = (MatMul) node.operator();
    return product.alpha() == alpha && product.activation().isNone() && !node.hasInput(2);
  }

  private static boolean isOfKeys(Node node) {
    Softmax softmax = (Softmax) node.operator();
    return !softmax.logarithm() && (softmax.axis() == -1 || softmax.axis() == 3);
  }

  /** What a value is the transposition of. */
  private static Optional<Value> transposed(
      GraphEditor editor, @Nullable Value value, List<Integer> permutation) {
    return editor
        .producer(value, Transpose.class)
        .filter(node -> ((Transpose) node.operator()).permutation().equals(permutation))
        .map(node -> node.input(0));
  }
}
