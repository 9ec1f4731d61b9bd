package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise operators, each of which only the next one reads, as one loop. Inputs broadcast to
 * the shape that all of them have together. Where types or shapes are not what the loop takes, it
 * stands for the graph that it was made of, of which {@link ChainParts} joins what fits.
 *
 * @param original the operators, with the same inputs and output
 */
public record ElementwiseChain(ElementChain chain, Graph original) implements Operator {

  @Override
  public String name() {
    return "ElementwiseChain";
  }

  /**
   * A node that is a chain.
   *
   * @param operators those that become the chain, the last one first
   * @param inputs what the chain reads, as its nodes count them
   * @param constants gives those that operators read
   */
  public static Node node(
      ElementChain chain,
      List<Node> operators,
      List<Value> inputs,
      Function<Value, Optional<Tensor>> constants) {
    Node last = operators.getFirst();
    Map<Value, Value> inner = new HashMap<>();
    List<Value> ownInputs = new ArrayList<>();
    for (Value input : inputs) {
      Value own = new Value(last.name() + "/" + input.name());
      inner.put(input, own);
      ownInputs.add(own);
    }
    Value result = new Value(last.name() + "/" + last.output().name());
    inner.put(last.output(), result);
    Map<Value, Tensor> ownConstants = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node operator : operators.reversed()) {
      List<@Nullable Value> own = new ArrayList<>();
      for (Value value : operator.inputs()) {
        if (value != null && !inner.containsKey(value)) {
          constants.apply(value).ifPresent(tensor -> ownConstants.put(value, tensor));
        }
        own.add(value == null ? null : inner.getOrDefault(value, value));
      }
      Value output = inner.getOrDefault(operator.output(), operator.output());
      nodes.add(new Node(operator.name(), operator.operator(), own, List.of(output)));
    }
    Graph original = new Graph(ownInputs, List.of(result), nodes, ownConstants);
    return new Node(
        last.name(), new ElementwiseChain(chain, original), inputs, List.of(last.output()));
  }

  @Override
  public Optional<Graph> inline(OperatorInputs inputs) {
    return fits(inputs) ? Optional.empty() : Optional.of(new ChainParts(original, inputs).graph());
  }

  private boolean fits(OperatorInputs inputs) {
    ElementChain typed = chain.of(inputs::dtype).orElse(null);
    if (typed == null
        || typed.nodes().size() > ElementChain.MOST_NODES
        || isView(typed.body())
        || !typed.nodes().stream().allMatch(node -> fits(inputs, node))) {
      return false;
    }
    IdentityHashMap<ElementChain.Node, Shape> shapes = shapes(inputs);
    Shape output = shapes.get(chain.body());
    // no step repeats elements that others have once, and no constant adds axes
    return output != null
        && original.constants().values().stream().allMatch(c -> c.shape().rank() <= output.rank())
        && chain.nodes().stream()
            .filter(node -> !ElementChain.operands(node).isEmpty())
            .allMatch(node -> output.equals(shapes.getOrDefault(node, Shape.of())));
  }

  /** Whether the array of bytes that a node reads is signed as the node says. */
  private static boolean fits(OperatorInputs inputs, ElementChain.Node node) {
    return !(node instanceof ElementChain.ByteInput(int index, ByteScale scale))
        || inputs.dtype(index) == (scale.signed() ? DType.INT8 : DType.UINT8);
  }

  /** Whether nothing becomes of an element, for which the original has views. */
  private static boolean isView(ElementChain.Node body) {
    return body instanceof ElementChain.Convert(DType to, ElementChain.Node x)
        ? ElementChain.type(x) == to && isView(x)
        : body instanceof ElementChain.Input;
  }

  /** The shape of each node's value; empty where operands do not broadcast. */
  private IdentityHashMap<ElementChain.Node, Shape> shapes(OperatorInputs inputs) {
    IdentityHashMap<ElementChain.Node, Shape> shapes = new IdentityHashMap<>();
    for (ElementChain.Node node : chain.nodes()) {
      Shape shape =
          switch (node) {
            case ElementChain.Input(int index, _) -> inputs.shape(index);
            case ElementChain.ByteInput(int index, _) -> inputs.shape(index);
            default -> Shape.of();
          };
      for (ElementChain.Node operand : ElementChain.operands(node)) {
        Shape all = BroadcastLoops.joined(shape, shapes.getOrDefault(operand, Shape.of()));
        if (all == null) {
          return new IdentityHashMap<>();
        }
        shape = all;
      }
      shapes.put(node, shape);
    }
    return shapes;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape shape = shapes(inputs).get(chain.body());
    if (shape == null) {
      throw inputs.invalid("the inputs do not broadcast");
    }
    return List.of(new TensorType(typed(inputs).resultType(), shape));
  }

  private ElementChain typed(OperatorInputs inputs) {
    return chain
        .of(inputs::dtype)
        .orElseThrow(() -> inputs.invalid("the steps do not take these types"));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return new ChainLoop(typed(inputs), outputTypes(inputs).getFirst()).prepare(inputs, context);
  }
}
