package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.ImageLayout;
import io.lockstep.runtime.operator.LayoutAware;
import io.lockstep.runtime.operator.Transpose;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Images get their channels as the last axis where kernels want them so, and keep them there for as
 * long as operators do not mind: transpositions remain only where images enter and leave.
 *
 * <p>Every converted node makes twins of its outputs, images with their channels last, and behind
 * each a Transpose that gives the output as it was. Those that nobody reads fall away.
 */
final class ChooseLayout implements Rewrite {

  /** An image with its channels last. */
  private record Twin(Value value, int rank) {}

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    return new Pass(graph, context).run();
  }

  private static final class Pass {

    private final GraphEditor editor;
    private final RewriteContext context;
    private final Map<Value, Twin> twins = new HashMap<>();

    Pass(Graph graph, RewriteContext context) {
      this.editor = new GraphEditor(graph);
      this.context = context;
    }

    Graph run() {
      for (Node node : editor.nodes()) {
        if (node.operator() instanceof LayoutAware aware) {
          convert(node, aware);
        } else if (node.operator() instanceof Transpose transpose) {
          compose(node, transpose);
        }
      }
      return editor.build();
    }

    private void convert(Node node, LayoutAware aware) {
      int wanted = aware.wantedRank(i -> node.hasInput(i) ? constant(node, i) : Optional.empty());
      int rank = wanted > 0 ? wanted : rankOfTwins(node, aware);
      Operator last = rank == 0 ? null : aware.channelsLast(rank).orElse(null);
      if (last == null) {
        return;
      }
      List<Node> nodes = new ArrayList<>();
      List<@Nullable Value> inputs = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.inputs().get(i);
        if (input != null && aware.isImage(i)) {
          input = image(input, rank, wanted > 0, nodes);
          if (input == null) {
            return;
          }
        }
        inputs.add(input);
      }
      List<@Nullable Value> outputs = new ArrayList<>();
      List<Node> transposes = new ArrayList<>();
      for (Value output : node.outputs()) {
        if (output == null) {
          outputs.add(null);
          continue;
        }
        Value twin = editor.newValue(output.name() + "/channels-last");
        outputs.add(twin);
        twins.put(output, new Twin(twin, rank));
        transposes.add(transpose(twin, output, ImageLayout.CHANNELS_FIRST, rank));
      }
      nodes.add(new Node(node.name(), last, inputs, outputs));
      nodes.addAll(transposes);
      editor.replace(node, nodes.toArray(new Node[0]));
    }

    private Optional<Tensor> constant(Node node, int input) {
      return editor.constant(node.input(input));
    }

    /** The rank that all twins among a node's images have; 0 when there is none. */
    private int rankOfTwins(Node node, LayoutAware aware) {
      int rank = 0;
      for (int i = 0; i < node.inputs().size(); i++) {
        Twin twin = aware.isImage(i) ? twins.get(node.inputs().get(i)) : null;
        if (twin != null && rank != 0 && twin.rank() != rank) {
          return 0;
        }
        rank = twin == null ? rank : twin.rank();
      }
      return rank;
    }

    /** An input with its channels last, or null when it cannot be had. */
    private @Nullable Value image(Value input, int rank, boolean isWanted, List<Node> nodes) {
      Twin twin = twins.get(input);
      if (twin != null) {
        return twin.rank() == rank ? twin.value() : null;
      }
      Optional<Tensor> constant = editor.constant(input);
      if (constant.isPresent()) {
        return constantImage(input, constant.get(), rank);
      }
      if (!isWanted) {
        return null;
      }
      Value last = editor.newValue(input.name() + "/channels-last");
      nodes.add(transpose(input, last, ImageLayout.CHANNELS_LAST, rank));
      twins.put(input, new Twin(last, rank));
      return last;
    }

    /** A constant that broadcasts to images, transposed like them. */
    private @Nullable Value constantImage(Value value, Tensor constant, int rank) {
      Shape shape = constant.shape();
      if (constant.size() == 1 && shape.rank() <= rank) {
        return value;
      }
      if (shape.rank() > rank) {
        return null;
      }
      int[] extents = new int[rank];
      for (int i = 0; i < rank; i++) {
        int own = i - (rank - shape.rank());
        extents[i] = own < 0 ? 1 : shape.extent(own);
      }
      List<Tensor> transposed =
          context
              .evaluator()
              .evaluate(
                  new Transpose(ImageLayout.CHANNELS_LAST.permutation(rank)),
                  List.of(constant.reshaped(Shape.of(extents))),
                  context.allocate());
      return editor.addConstant(value.name() + "/channels-last", transposed.getFirst());
    }

    private static Node transpose(Value from, Value to, ImageLayout layout, int rank) {
      return new Node(
          to.name(), new Transpose(layout.permutation(rank)), List.of(from), List.of(to));
    }

    /** A transposition of an image that has a twin starts from the twin. */
    private void compose(Node node, Transpose transpose) {
      Twin twin = twins.get(node.input(0));
      if (twin == null || transpose.permutation().size() != twin.rank()) {
        return;
      }
      List<Integer> toFirst = ImageLayout.CHANNELS_FIRST.permutation(twin.rank());
      List<Integer> composed = transpose.permutation().stream().map(toFirst::get).toList();
      editor.replace(
          node,
          new Node(node.name(), new Transpose(composed), List.of(twin.value()), node.outputs()));
    }
  }
}
