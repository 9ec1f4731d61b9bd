package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Conv;
import io.lockstep.runtime.operator.ImageLayout;
import io.lockstep.runtime.operator.ImageTurner;
import io.lockstep.runtime.operator.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ChooseLayout} leaves of transpositions before and behind a convolution becomes part
 * of it: kernels turn images while they give them their frame, and results while they are in the
 * cache. Grouped convolutions stay as they are.
 */
final class FuseLayoutChange implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : editor.nodes()) {
      if (node.operator() instanceof ImageTurner turner
          && turner.turnsImages()
          && turner.from() == ImageLayout.CHANNELS_LAST
          && turner.to() == ImageLayout.CHANNELS_LAST) {
        fuse(editor, node, turner);
      }
    }
    return editor.build();
  }

  private static void fuse(GraphEditor editor, Node node, ImageTurner turner) {
    Optional<Node> before =
        editor
            .onlyFor(node.input(0), Transpose.class)
            .filter(turn -> isTo(turn, ImageLayout.CHANNELS_LAST));
    Value y = node.output();
    List<Node> readers = editor.consumers(y);
    Optional<Node> behind =
        editor.isUsedOnce(y) && readers.size() == 1 && !hasResidual(node)
            ? Optional.of(readers.getFirst()).filter(turn -> isTo(turn, ImageLayout.CHANNELS_FIRST))
            : Optional.empty();
    if (before.isEmpty() && behind.isEmpty()) {
      return;
    }
    List<@Nullable Value> inputs = new ArrayList<>(node.inputs());
    before.ifPresent(turn -> inputs.set(0, turn.input(0)));
    ImageTurner fused =
        turner.withLayouts(
            before.isPresent() ? ImageLayout.CHANNELS_FIRST : turner.from(),
            behind.isPresent() ? ImageLayout.CHANNELS_FIRST : turner.to());
    List<@Nullable Value> outputs = behind.map(Node::outputs).orElse(node.outputs());
    editor.replace(behind.orElse(node), new Node(node.name(), fused, inputs, outputs));
  }

  /** Whether another image is added, which would have to be turned, too. */
  private static boolean hasResidual(Node node) {
    return node.operator() instanceof Conv && node.hasInput(Conv.RESIDUAL);
  }

  private static boolean isTo(Node node, ImageLayout layout) {
    return node.operator() instanceof Transpose(List<Integer> axes)
        && axes.size() > 2
        && axes.equals(layout.permutation(axes.size()));
  }
}
