package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operators of a chain that does not fit as a whole, now that types and shapes are known: those
 * that fit one after the other, with as many elements each, stay joined.
 */
final class ChainParts {

  private final Graph original;
  private final Map<Value, TensorType> types = new HashMap<>();
  private final Map<Value, Node> producers;
  private final Set<Node> steps = new HashSet<>();

  /** Parts of a chain's graph. */
  ChainParts(Graph original, OperatorInputs inputs) {
    this.original = original;
    this.producers = original.producers();
    for (int i = 0; i < inputs.count(); i++) {
      types.put(original.inputs().get(i), inputs.type(i));
    }
    original.constants().forEach((value, tensor) -> types.put(value, tensor.type()));
    original.nodes().forEach(this::inspect);
  }

  private void inspect(Node node) {
    List<@Nullable TensorType> own = new ArrayList<>();
    List<@Nullable Tensor> constants = new ArrayList<>();
    for (Value value : node.inputs()) {
      own.add(value == null ? null : types.get(value));
      constants.add(value == null ? null : original.constants().get(value));
    }
    OperatorInputs inputs = new OperatorInputs(node.operator().name(), own, constants);
    types.put(node.output(), node.operator().outputTypes(inputs).getFirst());
    if (node.operator() instanceof ElementStep step && step.chain(inputs).isPresent()) {
      steps.add(node);
    }
  }

  /** A graph in which parts of two operators or more are chains. */
  Graph graph() {
    List<Node> nodes = new ArrayList<>();
    Set<Node> joined = new HashSet<>();
    for (Node node : original.nodes().reversed()) {
      if (!joined.contains(node)) {
        Part part = new Part();
        Optional<ElementChain.Node> body = part.body(node, shape(node.output()));
        joined.addAll(part.nodes);
        boolean isChain =
            body.isPresent()
                && part.nodes.size() > 1
                && part.nodes.size() < original.nodes().size();
        if (isChain) {
          ElementChain chain = new ElementChain(body.get(), null);
          nodes.add(ElementwiseChain.node(chain, part.nodes, part.inputs, this::constant));
        } else {
          // the producers of a part that is no chain stand before it
          part.nodes.forEach(nodes::add);
          if (part.nodes.isEmpty()) {
            nodes.add(node);
          }
        }
      }
    }
    return new Graph(original.inputs(), original.outputs(), nodes.reversed(), original.constants());
  }

  private Shape shape(Value value) {
    TensorType type = types.get(value);
    return type == null ? Shape.of() : type.shape();
  }

  /** Operators that become one chain. */
  private final class Part {

    private final List<Node> nodes = new ArrayList<>(); // the last one first
    private final List<Value> inputs = new ArrayList<>();

    /** The node as a step, with those before it that have the same shape. */
    Optional<ElementChain.Node> body(@Nullable Node node, Shape shape) {
      if (node == null || !steps.contains(node) || !shape(node.output()).equals(shape)) {
        return Optional.empty();
      }
      nodes.add(node);
      List<ElementChain.Node> operands = new ArrayList<>();
      for (Value value : node.inputs()) {
        if (value != null) {
          operands.add(operand(value, shape));
        }
      }
      return Optional.of(((ElementStep) node.operator()).step(operands));
    }

    private ElementChain.Node operand(Value value, Shape shape) {
      return constant(value)
          .flatMap(ElementChain::literal)
          .or(() -> body(producers.get(value), shape))
          .orElseGet(() -> {
            if (!inputs.contains(value)) {
              inputs.add(value);
            }
            return new ElementChain.Input(inputs.indexOf(value));
          });
    }
  }

  private Optional<Tensor> constant(Value value) {
    return Optional.ofNullable(original.constants().get(value));
  }
}
