package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.operator.Conv;
import io.lockstep.runtime.operator.Gemm;
import io.lockstep.runtime.operator.MatMul;
import io.lockstep.runtime.operator.QuantMatMulRows;
import java.util.Optional;

/** A function of single elements behind a product or convolution is applied as it stores. */
final class FuseActivation implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      Optional<Activation> activation = Patterns.activation(editor, node);
      if (activation.isEmpty()) {
        continue;
      }
      Node product = editor.onlyFor(node.input(0), Operator.class).orElse(null);
      Operator fused = product == null ? null : with(product.operator(), activation.get());
      if (product != null && fused != null) {
        editor.replace(node, new Node(product.name(), fused, product.inputs(), node.outputs()));
      }
    }
    return editor.build();
  }

  /** The operator with an activation, or null when it takes none or has one already. */
  private static @org.jspecify.annotations.Nullable Operator with(
      Operator operator, Activation activation) {
    return switch (operator) {
      case Conv conv when conv.activation().isNone() -> conv.withActivation(activation);
      case MatMul matmul when matmul.activation().isNone() ->
          new MatMul(matmul.alpha(), matmul.transposeB(), activation);
      case Gemm gemm when gemm.activation().isNone() ->
          new Gemm(gemm.alpha(), gemm.beta(), gemm.transposeA(), gemm.transposeB(), activation);
      case QuantMatMulRows quant when quant.activation().isNone() ->
          new QuantMatMulRows(activation);
      default -> null; // any other operator
    };
  }
}
