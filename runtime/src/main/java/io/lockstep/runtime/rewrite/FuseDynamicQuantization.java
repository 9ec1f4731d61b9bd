package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.operator.Cast;
import io.lockstep.runtime.operator.DynamicQuantizeLinear;
import io.lockstep.runtime.operator.DynamicQuantizeRows;
import io.lockstep.runtime.operator.MatMulInteger;
import io.lockstep.runtime.operator.QuantMatMulRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * DynamicQuantizeLinear, MatMulInteger, Cast and the multiplication by both scales become a
 * quantisation of each item by its own range and a product that answers floats. Products that share
 * a quantised input still do.
 */
final class FuseDynamicQuantization implements Rewrite {

  private static final int SCALE = 1;
  private static final int ZERO_POINT = 2;

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    Map<Node, Node> quantized = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (Patterns.isBinary(node, BinaryFunction.MUL)) {
        match(editor, node, quantized);
      }
    }
    // The original stays beside its replacement; it falls away if nothing else reads it.
    quantized.forEach((linear, rows) -> editor.replace(linear, linear, rows));
    return editor.build();
  }

  private static void match(GraphEditor editor, Node rescale, Map<Node, Node> quantized) {
    for (int side = 0; side < 2; side++) {
      Node product =
          editor
              .onlyFor(rescale.input(side), Cast.class)
              .flatMap(cast -> editor.onlyFor(cast.input(0), MatMulInteger.class))
              .orElse(null);
      Node linear =
          product == null
              ? null
              : editor.producer(product.input(0), DynamicQuantizeLinear.class).orElse(null);
      Node scales =
          Patterns.onlyBinary(editor, rescale.input(1 - side), BinaryFunction.MUL).orElse(null);
      if (product == null || linear == null || scales == null || !fits(editor, product, linear)) {
        continue;
      }
      Value rowScale = output(linear, SCALE);
      Value weightScale =
          rowScale == null ? null : Patterns.otherOperand(scales, rowScale).orElse(null);
      if (weightScale != null && editor.constant(weightScale).isPresent()) {
        Node rows = quantized.computeIfAbsent(linear, n -> rows(editor, n));
        replace(editor, rescale, product, rows, weightScale);
        return;
      }
    }
  }

  private static boolean fits(GraphEditor editor, Node product, Node linear) {
    boolean zeroPointFits =
        product.hasInput(2) && product.input(2).equals(output(linear, ZERO_POINT));
    boolean weightsFit =
        editor
            .constant(product.input(1))
            .filter(weights -> weights.shape().rank() == 2)
            .isPresent();
    boolean weightZeroFits = !product.hasInput(3) || editor.constant(product.input(3)).isPresent();
    return zeroPointFits && weightsFit && weightZeroFits;
  }

  private static @Nullable Value output(Node node, int index) {
    return index < node.outputs().size() ? node.outputs().get(index) : null;
  }

  private static Node rows(GraphEditor editor, Node linear) {
    return new Node(
        linear.name(),
        new DynamicQuantizeRows(),
        List.of(linear.input(0)),
        List.of(
            editor.newValue(linear.name() + "/bytes"),
            editor.newValue(linear.name() + "/scales"),
            editor.newValue(linear.name() + "/zeros")));
  }

  private static void replace(
      GraphEditor editor, Node rescale, Node product, Node rows, Value weightScale) {
    List<@Nullable Value> inputs = new ArrayList<>(rows.outputs());
    inputs.add(product.input(1));
    inputs.add(weightScale);
    inputs.add(product.hasInput(3) ? product.input(3) : null);
    editor.replace(
        rescale,
        new Node(product.name(), new QuantMatMulRows(Activation.NONE), inputs, rescale.outputs()));
  }
}
