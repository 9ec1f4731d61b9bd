package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.operator.BatchNormalization;
import io.lockstep.runtime.operator.DequantizeLinear;
import io.lockstep.runtime.operator.ElementStep;
import io.lockstep.runtime.operator.ElementwiseChain;
import io.lockstep.runtime.operator.ImageLayout;
import io.lockstep.runtime.operator.QuantizeLinear;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Elementwise operators of which only the next one reads the result become one {@link
 * ElementwiseChain}: {@link ElementStep}s, normalisation by known statistics, and quantised bytes
 * at either end.
 */
final class FuseElementwise implements Rewrite {

  /** Operators of a chain, so that its values fit the registers. */
  private static final int MOST_OPERATORS = 8;

  /** Inputs of a chain, which a loop has to keep track of. */
  private static final int MOST_INPUTS = 4;

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    Set<Node> taken = new HashSet<>();
    for (Node node : graph.nodes().reversed()) {
      if (!taken.contains(node)) {
        Chain chain = new Chain(editor, context, taken);
        if (chain.build(node)) {
          taken.addAll(chain.operators);
          editor.replace(node, chain.node());
        }
      }
    }
    return editor.build();
  }

  /** A chain that grows from its last operator towards its inputs. */
  private static final class Chain {

    private final GraphEditor editor;
    private final RewriteContext context;
    private final Set<Node> taken;
    private final List<Node> operators = new ArrayList<>(); // the last one first
    private final List<Value> inputs = new ArrayList<>();
    private int reserved; // inputs that other branches will need
    private ElementChain chain = new ElementChain(new ElementChain.Literal(0), null);

    Chain(GraphEditor editor, RewriteContext context, Set<Node> taken) {
      this.editor = editor;
      this.context = context;
      this.taken = taken;
    }

    /** Whether there is a chain that ends with this operator. */
    boolean build(Node last) {
      Optional<ByteScale> result =
          last.operator() instanceof QuantizeLinear ? byteScale(last) : Optional.empty();
      if (result.isPresent()) {
        operators.add(last);
        chain = new ElementChain(grow(last.input(0)), result.get());
      } else {
        Optional<ElementChain.Node> body = body(last);
        if (body.isEmpty()) {
          return false;
        }
        chain = new ElementChain(body.get(), null);
      }
      return operators.size() > 1 && !inputs.isEmpty() && inputs.size() <= MOST_INPUTS;
    }

    /** What computes a value: the operators before it, or an input. */
    private ElementChain.Node grow(Value value) {
      Optional<ElementChain.Node> literal = literal(value);
      if (literal.isPresent()) {
        return literal.get();
      }
      Optional<Node> producer =
          editor
              .onlyFor(value, Operator.class)
              .filter(node -> !editor.isOutput(value) && !taken.contains(node));
      if (producer.isPresent() && operators.size() < MOST_OPERATORS) {
        Optional<ElementChain.Node> body = body(producer.get());
        if (body.isPresent()) {
          return body.get();
        }
      }
      return new ElementChain.Input(input(value));
    }

    private int input(Value value) {
      if (!inputs.contains(value)) {
        inputs.add(value);
      }
      return inputs.indexOf(value);
    }

    /** The operator as a step, if it is one, and if there is room for its inputs. */
    private Optional<ElementChain.Node> body(Node node) {
      if (node.operator() instanceof DequantizeLinear) {
        return byteScale(node)
            .filter(_ -> hasRoom(List.of(node.input(0))))
            .map(scale -> {
              operators.add(node);
              return new ElementChain.ByteInput(input(node.input(0)), scale);
            });
      }
      if (node.operator() instanceof BatchNormalization norm) {
        return normalization(node, norm);
      }
      if (node.operator() instanceof ElementStep step) {
        return step(node, step);
      }
      Optional<Activation> function = Patterns.activation(editor, node);
      if (function.isEmpty()) {
        return Optional.empty();
      }
      operators.add(node);
      return Optional.of(new ElementChain.Unary(function.get(), grow(node.input(0))));
    }

    private Optional<ElementChain.Node> step(Node node, ElementStep step) {
      List<Value> values = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        values.add(node.input(i));
      }
      if (!hasRoom(values) || isAnyPower(node)) {
        return Optional.empty();
      }
      operators.add(node);
      List<Value> waiting = new ArrayList<>(values);
      List<ElementChain.Node> operands = new ArrayList<>();
      for (Value value : values) {
        waiting.removeFirst();
        int promised = (int) waiting.stream().filter(v -> literal(v).isEmpty()).count();
        reserved += promised;
        operands.add(grow(value));
        reserved -= promised;
      }
      return Optional.of(step.step(operands));
    }

    /** Whether the node is a power other than a square or a cube, which no loop computes. */
    private boolean isAnyPower(Node node) {
      return Patterns.isBinary(node, BinaryFunction.POW)
          && editor.scalar(node.input(1)).filter(y -> y == 2 || y == 3).isEmpty();
    }

    /** A constant of one element that steps take as it is. */
    private Optional<ElementChain.Node> literal(Value value) {
      return editor.constant(value).flatMap(ElementChain::literal);
    }

    /** Whether these values could be inputs besides those that there are. */
    private boolean hasRoom(List<Value> values) {
      Set<Value> all = new HashSet<>(inputs);
      for (Value value : values) {
        if (literal(value).isEmpty()) {
          all.add(value);
        }
      }
      return all.size() + reserved <= MOST_INPUTS;
    }

    private Optional<ElementChain.Node> normalization(Node node, BatchNormalization norm) {
      List<Tensor> parameters = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        editor.constant(node.input(i)).ifPresent(parameters::add);
      }
      boolean isKnown =
          parameters.size() == 4
              && norm.layout() == ImageLayout.CHANNELS_LAST
              && parameters.stream().allMatch(p -> p.dtype() == DType.FLOAT32)
              && node.outputs().stream()
                  .skip(1)
                  .allMatch(out -> out == null || editor.uses(out) == 0);
      if (!isKnown || inputs.size() + reserved + 3 > MOST_INPUTS) {
        return Optional.empty();
      }
      operators.add(node);
      int channels = Math.toIntExact(parameters.getFirst().size());
      Tensor factors = floats(channels);
      Tensor offsets = floats(channels);
      for (int c = 0; c < channels; c++) {
        double factor =
            parameters.get(0).asDouble(c)
                / Math.sqrt(parameters.get(3).asDouble(c) + norm.epsilon());
        factors.setFromDouble(c, factor);
        offsets.setFromDouble(
            c, parameters.get(1).asDouble(c) - parameters.get(2).asDouble(c) * factor);
      }
      int factor = input(editor.addConstant(node.name() + "/factor", factors));
      int offset = input(editor.addConstant(node.name() + "/offset", offsets));
      return Optional.of(
          new ElementChain.MultiplyAdd(
              grow(node.input(0)), new ElementChain.Input(factor), new ElementChain.Input(offset)));
    }

    private Tensor floats(int count) {
      return context.allocate().apply(new TensorType(DType.FLOAT32, Shape.of(count)));
    }

    /** The scale of a quantising or dequantising node, if it is one known 8-bit scale for all. */
    private Optional<ByteScale> byteScale(Node node) {
      Optional<Tensor> scale = editor.constant(node.input(1));
      Optional<Tensor> zeroPoint =
          node.hasInput(2) ? editor.constant(node.input(2)) : Optional.empty();
      boolean isKnown =
          scale.filter(s -> s.size() == 1 && s.dtype() == DType.FLOAT32).isPresent()
              && zeroPoint
                  .filter(z -> z.size() == 1)
                  .filter(z -> z.dtype() == DType.UINT8 || z.dtype() == DType.INT8)
                  .isPresent();
      return isKnown
          ? Optional.of(
              new ByteScale(
                  (float) scale.get().asDouble(0),
                  (int) zeroPoint.get().asLong(0),
                  zeroPoint.get().dtype() == DType.INT8))
          : Optional.empty();
    }

    /** The chain in the place of its last operator. */
    Node node() {
      return ElementwiseChain.node(chain, operators, inputs, editor::constant);
    }
  }
}
