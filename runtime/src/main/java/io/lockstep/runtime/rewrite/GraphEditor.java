package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph being changed. Nodes are matched from their last node backwards: a match replaces that
 * node, and what only served it falls away when the graph is built.
 */
final class GraphEditor {

  private final Graph original;
  private final Map<Value, Tensor> constants;
  private final Map<Value, Node> producers;
  private final Map<Value, Integer> uses = new HashMap<>();
  private final Map<Node, List<Node>> replaced = new LinkedHashMap<>();
  private final Map<Value, Value> renamed = new HashMap<>();
  private int made;

  GraphEditor(Graph graph) {
    original = graph;
    constants = new LinkedHashMap<>(graph.constants());
    producers = graph.producers();
    for (Node node : graph.nodes()) {
      for (Value input : new HashSet<>(node.inputs())) {
        if (input != null) {
          uses.merge(input, 1, Integer::sum);
        }
      }
    }
    graph.outputs().forEach(output -> uses.merge(output, 1, Integer::sum));
  }

  /** The nodes of the graph as it was. */
  List<Node> nodes() {
    return original.nodes();
  }

  /** Whether this node has been replaced already. */
  boolean isReplaced(Node node) {
    return replaced.containsKey(node);
  }

  /** The node that produces a value, if it has this operator type and nobody has replaced it. */
  <T extends Operator> Optional<Node> producer(@Nullable Value value, Class<T> type) {
    Node node = value == null ? null : producers.get(value);
    return node != null && type.isInstance(node.operator()) && !isReplaced(node)
        ? Optional.of(node)
        : Optional.empty();
  }

  /** The same, if the value serves one consumer only, so that it can be fused away. */
  <T extends Operator> Optional<Node> onlyFor(@Nullable Value value, Class<T> type) {
    return isUsedOnce(value) ? producer(value, type) : Optional.empty();
  }

  boolean isUsedOnce(@Nullable Value value) {
    return value != null && uses.getOrDefault(value, 0) == 1;
  }

  /** How many nodes and graph outputs read a value. */
  int uses(Value value) {
    return uses.getOrDefault(value, 0);
  }

  /** The nodes that read a value. */
  List<Node> consumers(Value value) {
    List<Node> found = new ArrayList<>();
    for (Node node : original.nodes()) {
      if (node.inputs().contains(value)) {
        found.add(node);
      }
    }
    return found;
  }

  boolean isOutput(Value value) {
    return original.outputs().contains(value);
  }

  Optional<Tensor> constant(@Nullable Value value) {
    return value == null ? Optional.empty() : Optional.ofNullable(constants.get(value));
  }

  /** The value of a constant with a single element. */
  Optional<Float> scalar(@Nullable Value value) {
    return constant(value)
        .filter(tensor -> tensor.size() == 1 && tensor.dtype().isFloat())
        .map(tensor -> (float) tensor.asDouble(0));
  }

  boolean isScalar(@Nullable Value value, double expected) {
    return scalar(value)
        .filter(v -> Math.abs(v - expected) <= 1e-5 * Math.abs(expected))
        .isPresent();
  }

  /** A new constant. */
  Value addConstant(String name, Tensor tensor) {
    Value value = new Value(name + "#" + made++);
    constants.put(value, tensor);
    return value;
  }

  /** A new value for a node that a match makes. */
  Value newValue(String name) {
    return new Value(name + "#" + made++);
  }

  /** Puts nodes in the place of one; its outputs must be produced by them. */
  void replace(Node node, Node... nodes) {
    replaced.put(node, List.of(nodes));
  }

  /** Lets every reader of {@code value} read another one. */
  void rename(Value value, Value other) {
    renamed.put(value, other);
  }

  /** Makes a value a constant; its producer falls away. */
  void fold(Value value, Tensor tensor) {
    constants.put(value, tensor);
  }

  /** The changed graph, without nodes and constants that nothing needs. */
  Graph build() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : original.nodes()) {
      for (Node kept : replaced.getOrDefault(node, List.of(node))) {
        nodes.add(kept.withInputs(current(kept.inputs())));
      }
    }
    List<Value> outputs = original.outputs().stream().map(this::current).toList();
    Set<Value> live = new LinkedHashSet<>(outputs);
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      boolean needed =
          node.outputs().stream()
              .anyMatch(out -> out != null && live.contains(out) && !constants.containsKey(out));
      if (needed) {
        kept.add(node);
        for (Value input : node.inputs()) {
          if (input != null) {
            live.add(input);
          }
        }
      }
    }
    Map<Value, Tensor> used = new LinkedHashMap<>(constants);
    used.keySet().retainAll(live);
    return new Graph(original.inputs(), outputs, kept.reversed(), used);
  }

  private List<@Nullable Value> current(List<@Nullable Value> values) {
    List<@Nullable Value> result = new ArrayList<>();
    for (Value value : values) {
      result.add(value == null ? null : current(value));
    }
    return result;
  }

  private Value current(Value value) {
    Value result = value;
    for (Value next = renamed.get(result); next != null; next = renamed.get(result)) {
      result = next;
    }
    return result;
  }
}
