package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.ChannelShuffle;
import io.lockstep.runtime.operator.Conv;
import io.lockstep.runtime.operator.ImageLayout;
import io.lockstep.runtime.operator.LayoutAware;
import io.lockstep.runtime.operator.QLinearConv;
import io.lockstep.runtime.operator.Reshape;
import io.lockstep.runtime.operator.Transpose;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reshape [n, groups, each, ...], Transpose of the axes behind n, Reshape [n, channels, ...] of an
 * image become one ChannelShuffle, which does not mind where the channels are.
 */
final class FuseChannelShuffle implements Rewrite {

  /** How far back the convolution may be. */
  private static final int DEPTH = 4;

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Reshape) {
        fuse(editor, node);
      }
    }
    return editor.build();
  }

  private static void fuse(GraphEditor editor, Node last) {
    long[] image = shape(editor, last);
    Optional<Node> transpose =
        editor.onlyFor(last.input(0), Transpose.class).filter(FuseChannelShuffle::swapsChannels);
    Optional<Node> first = transpose.flatMap(node -> editor.onlyFor(node.input(0), Reshape.class));
    if (image == null || first.isEmpty()) {
      return;
    }
    long[] split = shape(editor, first.get());
    Value x = first.get().input(0);
    if (split != null && splitsChannels(split, image) && isImage(editor, x, DEPTH)) {
      Operator shuffle =
          new ChannelShuffle(
              Math.toIntExact(split[1]),
              Arrays.stream(image).boxed().toList(),
              ImageLayout.CHANNELS_FIRST);
      editor.replace(last, new Node(last.name(), shuffle, List.of(x), last.outputs()));
    }
  }

  private static long @Nullable [] shape(GraphEditor editor, Node reshape) {
    return editor.constant(reshape.input(1)).map(shape -> shape.toLongs()).orElse(null);
  }

  private static boolean swapsChannels(Node node) {
    return node.operator() instanceof Transpose transpose
        && transpose.permutation().size() >= 4
        && transpose.permutation().subList(0, 3).equals(List.of(0, 2, 1))
        && isInOrder(transpose.permutation());
  }

  private static boolean isInOrder(List<Integer> permutation) {
    for (int axis = 3; axis < permutation.size(); axis++) {
      if (permutation.get(axis) != axis) {
        return false;
      }
    }
    return true;
  }

  /** Whether the extents are known and only those of the channels differ. */
  private static boolean splitsChannels(long[] split, long[] image) {
    return split.length == image.length + 1
        && split[0] == image[0]
        && split[1] > 0
        && split[2] > 0
        && (image[1] == split[1] * split[2] || image[1] == -1)
        && Arrays.stream(image, 2, image.length).allMatch(extent -> extent > 0)
        && Arrays.equals(split, 3, split.length, image, 2, image.length);
  }

  /**
   * Whether a value surely has the axes of an image: a convolution gives one, and what joins images
   * or changes their elements.
   */
  private static boolean isImage(GraphEditor editor, @Nullable Value x, int depth) {
    Node producer = editor.producer(x, LayoutAware.class).orElse(null);
    if (producer == null || depth == 0) {
      return false;
    }
    return producer.operator() instanceof Conv
        || producer.operator() instanceof QLinearConv
        || isImage(editor, producer.input(0), depth - 1);
  }
}
