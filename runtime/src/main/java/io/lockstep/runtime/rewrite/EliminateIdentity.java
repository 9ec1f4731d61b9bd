package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.operator.Dropout;
import io.lockstep.runtime.operator.Identity;

/** Lets readers of an identity read its input; at inference a Dropout is one. */
final class EliminateIdentity implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      boolean isPlain =
          (node.operator() instanceof Identity || isDropout(editor, node))
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

  private static boolean isDropout(GraphEditor editor, Node node) {
    return node.operator() instanceof Dropout
        && (!node.hasInput(Dropout.TRAINING)
            || editor
                .constant(node.input(Dropout.TRAINING))
                .filter(trains -> !trains.getBoolean(0))
                .isPresent());
  }
}
