package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.operator.BatchNormalization;
import io.lockstep.runtime.operator.Conv;
import io.lockstep.runtime.operator.ConvTranspose;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * A factor and an addend of each channel behind a convolution, be it a BatchNormalization or a
 * multiplication or addition of constants, become part of its filters and bias.
 */
final class FuseConvScale implements Rewrite {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** What happens to channel c: y = x factor[c] + addend[c]. */
  private static final class Scale {
    private final float[] factor;
    private final float[] addend;

    Scale(float[] factor, float[] addend) {
      this.factor = factor;
      this.addend = addend;
    }
  }

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    Graph current = graph;
    // A chain, such as BatchNormalization, Mul, Add, is absorbed link by link.
    for (int round = 0; round < 4; round++) {
      GraphEditor editor = new GraphEditor(current);
      int found = 0;
      for (Node node : current.nodes()) {
        found += absorb(editor, node, context) ? 1 : 0;
      }
      current = editor.build();
      if (found == 0) {
        break;
      }
    }
    return current;
  }

  private static boolean absorb(GraphEditor editor, Node node, RewriteContext context) {
    int data = dataInput(editor, node);
    if (data < 0 || node.outputs().size() != 1) {
      return false;
    }
    Node conv = editor.onlyFor(node.input(data), Operator.class).orElse(null);
    if (conv == null || !takesScale(conv)) {
      return false;
    }
    Tensor weights = editor.constant(conv.input(1)).orElse(null);
    boolean biasKnown = !conv.hasInput(2) || editor.constant(conv.input(2)).isPresent();
    if (weights == null || weights.dtype() != DType.FLOAT32 || !biasKnown) {
      return false;
    }
    Optional<Scale> scale = scale(editor, node, data, weights.shape(), filterAxis(conv));
    scale.ifPresent(s -> replace(editor, conv, node, weights, s, context));
    return scale.isPresent();
  }

  /** Whether a node is a convolution that does nothing behind its sums. */
  private static boolean takesScale(Node node) {
    return switch (node.operator()) {
      case Conv conv -> conv.activation().isNone() && !node.hasInput(Conv.RESIDUAL);
      case ConvTranspose transposed -> transposed.groups() == 1;
      default -> false; // any other operator
    };
  }

  /** The axis of the weights that counts filters. */
  private static int filterAxis(Node conv) {
    return conv.operator() instanceof Conv ? 0 : 1;
  }

  private static int dataInput(GraphEditor editor, Node node) {
    if (node.operator() instanceof BatchNormalization normalization) {
      return normalization.training() ? -1 : 0;
    }
    if (Patterns.isBinary(node, BinaryFunction.ADD)
        || Patterns.isBinary(node, BinaryFunction.MUL)) {
      boolean left = editor.constant(node.input(0)).isPresent();
      boolean right = editor.constant(node.input(1)).isPresent();
      return left == right ? -1 : left ? 1 : 0;
    }
    return -1;
  }

  private static Optional<Scale> scale(
      GraphEditor editor, Node node, int data, Shape weights, int filterAxis) {
    int filters = weights.extent(filterAxis);
    if (node.operator() instanceof BatchNormalization normalization) {
      return normalization(editor, node, normalization.epsilon(), filters);
    }
    Tensor constant = editor.constant(node.input(1 - data)).orElse(null);
    if (constant == null || !isPerChannel(constant.shape(), filters, weights.rank())) {
      return Optional.empty();
    }
    boolean adds = Patterns.isBinary(node, BinaryFunction.ADD);
    return Patterns.perChannel(Optional.of(constant), filters)
        .map(values ->
            adds ? new Scale(filled(filters, 1), values) : new Scale(values, new float[filters]));
  }

  /** One element, or [channels, 1, ...] or [1, channels, 1, ...] against images of this rank. */
  private static boolean isPerChannel(Shape shape, int channels, int rank) {
    if (shape.size() == 1) {
      return shape.rank() <= rank;
    }
    int channelAxis = shape.rank() - (rank - 1);
    return shape.size() == channels
        && channelAxis >= 0
        && shape.rank() <= rank
        && shape.extent(channelAxis) == channels;
  }

  private static Optional<Scale> normalization(
      GraphEditor editor, Node node, float epsilon, int filters) {
    float[][] parts = new float[4][];
    for (int i = 0; i < 4; i++) {
      Optional<float[]> part = Patterns.perChannel(editor.constant(node.input(i + 1)), filters);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts[i] = part.get();
    }
    float[] factor = new float[filters];
    float[] addend = new float[filters];
    for (int c = 0; c < filters; c++) {
      double f = parts[0][c] / Math.sqrt((double) parts[3][c] + epsilon);
      factor[c] = (float) f;
      addend[c] = (float) (parts[1][c] - parts[2][c] * f);
    }
    return Optional.of(new Scale(factor, addend));
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, value);
    return values;
  }

  private static void replace(
      GraphEditor editor,
      Node conv,
      Node last,
      Tensor weights,
      Scale scale,
      RewriteContext context) {
    int axis = filterAxis(conv);
    int filters = weights.shape().extent(axis);
    long inner = weights.shape().product(axis + 1, weights.shape().rank());
    Tensor scaled = context.allocate().apply(weights.type());
    float[] filter = new float[Math.toIntExact(inner)]; // arrays are quick before they are compiled
    for (long first = 0; first < weights.size(); first += inner) {
      float factor = scale.factor[(int) (first / inner % filters)];
      MemorySegment.copy(weights.segment(), FLOAT, first * Float.BYTES, filter, 0, filter.length);
      for (int i = 0; i < filter.length; i++) {
        filter[i] *= factor;
      }
      MemorySegment.copy(filter, 0, scaled.segment(), FLOAT, first * Float.BYTES, filter.length);
    }
    Tensor bias = context.allocate().apply(new TensorType(DType.FLOAT32, Shape.of(filters)));
    Tensor old = conv.hasInput(2) ? editor.constant(conv.input(2)).orElse(null) : null;
    for (int c = 0; c < filters; c++) {
      bias.setFloat(c, (old == null ? 0 : old.getFloat(c)) * scale.factor[c] + scale.addend[c]);
    }
    List<Value> inputs =
        List.of(
            conv.input(0),
            editor.addConstant(conv.name() + "/weights", scaled),
            editor.addConstant(conv.name() + "/bias", bias));
    editor.replace(last, new Node(conv.name(), conv.operator(), inputs, last.outputs()));
  }
}
