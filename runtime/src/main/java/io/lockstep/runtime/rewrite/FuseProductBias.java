package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.operator.MatMul;
import io.lockstep.runtime.operator.QuantMatMulRows;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A constant vector added to the columns of a product becomes its bias; a constant number that it
 * is multiplied or divided by becomes its alpha.
 */
final class FuseProductBias implements Rewrite {

  private static final int MATMUL_BIAS = 2;

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (Patterns.isBinary(node, BinaryFunction.ADD)) {
        addBias(editor, node);
      } else if (Patterns.isBinary(node, BinaryFunction.MUL)
          || Patterns.isBinary(node, BinaryFunction.DIV)) {
        multiply(editor, node);
      }
    }
    return editor.build();
  }

  private static void addBias(GraphEditor editor, Node add) {
    for (int side = 0; side < 2; side++) {
      Tensor bias = editor.constant(add.input(1 - side)).orElse(null);
      Node product = editor.onlyFor(add.input(side), Operator.class).orElse(null);
      if (bias == null || bias.shape().rank() != 1 || product == null) {
        continue;
      }
      int slot = freeBias(product);
      if (slot >= 0 && columns(editor, product) == bias.size()) {
        List<@Nullable Value> inputs = new ArrayList<>(product.inputs());
        while (inputs.size() <= slot) {
          inputs.add(null);
        }
        inputs.set(slot, add.input(1 - side));
        editor.replace(add, new Node(product.name(), product.operator(), inputs, add.outputs()));
        return;
      }
    }
  }

  /** The input that takes the bias, or -1 when the node is no product or has a bias already. */
  private static int freeBias(Node product) {
    int slot =
        switch (product.operator()) {
          case MatMul matmul when matmul.activation().isNone() -> MATMUL_BIAS;
          case QuantMatMulRows quant when quant.activation().isNone() -> QuantMatMulRows.BIAS;
          default -> -1; // any other operator
        };
    return slot >= 0 && !product.hasInput(slot) ? slot : -1;
  }

  private static long columns(GraphEditor editor, Node product) {
    int weights = product.operator() instanceof QuantMatMulRows ? QuantMatMulRows.WEIGHTS : 1;
    return editor
        .constant(product.input(weights))
        .filter(tensor -> tensor.shape().rank() == 2)
        .map(tensor -> (long) tensor.shape().extent(1))
        .orElse(-1L);
  }

  private static void multiply(GraphEditor editor, Node node) {
    boolean divides = Patterns.isBinary(node, BinaryFunction.DIV);
    for (int side = 0; side < (divides ? 1 : 2); side++) {
      Optional<Float> factor = editor.scalar(node.input(1 - side));
      Node product = editor.onlyFor(node.input(side), MatMul.class).orElse(null);
      boolean isScalarLike =
          editor.constant(node.input(1 - side)).filter(t -> t.shape().rank() <= 1).isPresent();
      if (factor.isPresent()
          && isScalarLike
          && product != null
          && product.operator() instanceof MatMul matmul
          && matmul.activation().isNone()
          && matmul.alpha() == 1
          && !product.hasInput(MATMUL_BIAS)) {
        float alpha = divides ? 1 / factor.get() : factor.get();
        editor.replace(
            node,
            new Node(
                product.name(),
                new MatMul(alpha, matmul.transposeB(), matmul.activation()),
                product.inputs(),
                node.outputs()));
        return;
      }
    }
  }
}
