package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.DequantizeLinear;
import io.lockstep.runtime.operator.Gather;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows gathered from a dequantised table are gathered first and dequantised then, so that the table
 * stays at a byte an element.
 */
final class GatherQuantized implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Gather) {
        editor
            .producer(node.input(0), DequantizeLinear.class)
            .filter(table -> isConstantWithOneScale(editor, table))
            .ifPresent(table -> swap(editor, table, node));
      }
    }
    return editor.build();
  }

  private static boolean isConstantWithOneScale(GraphEditor editor, Node table) {
    return editor.constant(table.input(0)).isPresent() && editor.scalar(table.input(1)).isPresent();
  }

  private static void swap(GraphEditor editor, Node table, Node gather) {
    Value rows = editor.newValue(gather.name() + "/bytes");
    Node gathered =
        new Node(
            gather.name(),
            gather.operator(),
            List.of(table.input(0), gather.input(1)),
            List.of(rows));
    List<@Nullable Value> inputs = new ArrayList<>(table.inputs());
    inputs.set(0, rows);
    editor.replace(
        gather, gathered, new Node(table.name(), table.operator(), inputs, gather.outputs()));
  }
}
