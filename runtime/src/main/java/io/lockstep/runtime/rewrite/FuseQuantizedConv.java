package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Conv;
import io.lockstep.runtime.operator.DequantizeLinear;
import io.lockstep.runtime.operator.MatMul;
import io.lockstep.runtime.operator.QLinearConv;
import io.lockstep.runtime.operator.QLinearMatMul;
import io.lockstep.runtime.operator.QuantizeLinear;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * DequantizeLinear before and QuantizeLinear behind a convolution or product become one operator on
 * 8-bit integers.
 */
final class FuseQuantizedConv implements Rewrite {

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof QuantizeLinear && node.hasInput(2)) {
        editor
            .onlyFor(node.input(0), Conv.class)
            .ifPresent(conv -> conv(editor, conv, node, context));
        editor
            .onlyFor(node.input(0), MatMul.class)
            .ifPresent(product -> product(editor, product, node));
      }
    }
    return editor.build();
  }

  private static void conv(GraphEditor editor, Node conv, Node quantize, RewriteContext context) {
    Conv operator = (Conv) conv.operator();
    Node x = dequantized(editor, conv.input(0)).orElse(null);
    Node w = dequantized(editor, conv.input(1)).orElse(null);
    if (x == null
        || w == null
        || !operator.activation().isNone()
        || conv.hasInput(Conv.RESIDUAL)
        || !isBytes(editor, quantize.input(2))
        || editor.constant(w.input(0)).isEmpty()) {
      return;
    }
    Value bias = null;
    if (conv.hasInput(2)) {
      bias = integerBias(editor, conv.input(2), x, w, context).orElse(null);
      if (bias == null) {
        return;
      }
    }
    List<@Nullable Value> inputs = quantizedInputs(x, w, quantize);
    if (bias != null) {
      inputs.add(bias);
    }
    editor.replace(
        quantize,
        new Node(
            conv.name(),
            new QLinearConv(operator.window(), operator.groups(), null, operator.to()),
            inputs,
            quantize.outputs()));
  }

  private static void product(GraphEditor editor, Node product, Node quantize) {
    MatMul operator = (MatMul) product.operator();
    Node a = dequantized(editor, product.input(0)).orElse(null);
    Node b = dequantized(editor, product.input(1)).orElse(null);
    boolean plain =
        operator.activation().isNone()
            && operator.alpha() == 1
            && !operator.transposeB()
            && !product.hasInput(2);
    if (a != null && b != null && plain && isBytes(editor, quantize.input(2))) {
      editor.replace(
          quantize,
          new Node(
              product.name(),
              new QLinearMatMul(),
              quantizedInputs(a, b, quantize),
              quantize.outputs()));
    }
  }

  /** The two operands and the output, each with scale and zero point, in ONNX's order. */
  private static List<@Nullable Value> quantizedInputs(Node x, Node w, Node quantize) {
    List<@Nullable Value> inputs = new ArrayList<>(x.inputs());
    inputs.addAll(w.inputs());
    inputs.add(quantize.input(1));
    inputs.add(quantize.input(2));
    return inputs;
  }

  /** The DequantizeLinear of 8-bit integers with a constant scale and zero point behind a value. */
  private static Optional<Node> dequantized(GraphEditor editor, Value value) {
    return editor
        .producer(value, DequantizeLinear.class)
        .filter(node -> node.hasInput(2) && isBytes(editor, node.input(2)))
        .filter(node -> editor.constant(node.input(1)).isPresent());
  }

  private static boolean isBytes(GraphEditor editor, Value zeroPoint) {
    return editor
        .constant(zeroPoint)
        .filter(zero -> zero.dtype() == DType.UINT8 || zero.dtype() == DType.INT8)
        .isPresent();
  }

  /** The bias in units of both scales: as the file has it, or rounded to them. */
  private static Optional<Value> integerBias(
      GraphEditor editor, Value bias, Node x, Node w, RewriteContext context) {
    Optional<Node> quantized = editor.producer(bias, DequantizeLinear.class);
    if (quantized.isPresent() && editor.constant(quantized.get().input(0)).isPresent()) {
      return quantized.map(node -> node.input(0)).filter(v -> isInt32(editor, v));
    }
    Tensor values = editor.constant(bias).orElse(null);
    Tensor xScale = editor.constant(x.input(1)).orElse(null);
    Tensor wScale = editor.constant(w.input(1)).orElse(null);
    if (values == null || xScale == null || wScale == null || xScale.size() != 1) {
      return Optional.empty();
    }
    int filters = values.shape().intSize();
    Tensor rounded = context.allocate().apply(new TensorType(DType.INT32, Shape.of(filters)));
    for (int i = 0; i < filters; i++) {
      double unit = xScale.asDouble(0) * wScale.asDouble(wScale.size() == 1 ? 0 : i);
      rounded.setInt(i, (int) Math.rint(values.asDouble(i) / unit));
    }
    return Optional.of(editor.addConstant(bias.name() + "/integers", rounded));
  }

  private static boolean isInt32(GraphEditor editor, Value value) {
    return editor.constant(value).filter(t -> t.dtype() == DType.INT32).isPresent();
  }
}
