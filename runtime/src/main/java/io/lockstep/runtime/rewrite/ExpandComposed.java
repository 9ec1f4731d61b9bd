package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Operators that amount to a few others whatever their inputs' types are give way to those, so that
 * the passes behind this one see them.
 */
final class ExpandComposed implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      node.operator().inline(given(node)).ifPresent(body -> expand(editor, node, body));
    }
    return editor.build();
  }

  private static BitSet given(Node node) {
    BitSet given = new BitSet();
    for (int i = 0; i < node.inputs().size(); i++) {
      given.set(i, node.hasInput(i));
    }
    return given;
  }

  private static void expand(GraphEditor editor, Node node, Graph body) {
    Map<Value, Value> names = new HashMap<>();
    for (int i = 0; i < body.inputs().size(); i++) {
      if (node.hasInput(i)) {
        names.put(body.inputs().get(i), node.input(i));
      }
    }
    body.constants()
        .forEach((value, tensor) -> names.put(value, editor.addConstant(value.name(), tensor)));
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      if (output != null) {
        names.put(body.outputs().get(i), output);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node inner : body.nodes()) {
      nodes.add(
          new Node(
              node.name() + "/" + inner.name(),
              inner.operator(),
              renamed(editor, inner.inputs(), names),
              renamed(editor, inner.outputs(), names)));
    }
    editor.replace(node, nodes.toArray(new Node[0]));
  }

  private static List<@Nullable Value> renamed(
      GraphEditor editor, List<@Nullable Value> values, Map<Value, Value> names) {
    List<@Nullable Value> result = new ArrayList<>();
    for (Value value : values) {
      result.add(
          value == null
              ? null
              : names.computeIfAbsent(value, inner -> editor.newValue(inner.name())));
    }
    return result;
  }
}
