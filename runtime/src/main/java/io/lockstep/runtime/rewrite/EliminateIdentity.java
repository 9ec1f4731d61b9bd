package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.operator.Identity;

/** Lets readers of an identity read its input. */
final class EliminateIdentity implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      boolean isPlain =
          node.operator() instanceof Identity
              && node.outputs().stream()
                  .skip(1)
                  .noneMatch(out -> out != null && editor.uses(out) > 0);
      // A graph output keeps a value of its own, so that two outputs never share one.
      if (isPlain && !editor.isOutput(node.output())) {
        editor.rename(node.output(), node.input(0));
      }
    }
    return editor.build();
  }
}
