package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Nodes in an order that respects their edges, and the tensors known at load. Immutable; rewrites
 * make new graphs.
 *
 * @param inputs what a run is given, without initializers
 * @param outputs what a run answers
 * @param nodes every producer stands before its consumers
 * @param constants initializers and folded values; views of memory that the model owns
 */
public record Graph(
    List<Value> inputs, List<Value> outputs, List<Node> nodes, Map<Value, Tensor> constants) {

  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
  }

  public Graph withNodes(List<Node> newNodes) {
    return new Graph(inputs, outputs, newNodes, constants);
  }

  /** The nodes that consume each value, in graph order; a value without consumers is absent. */
  public Map<Value, List<Node>> consumers() {
    Map<Value, List<Node>> consumers = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (Value input : node.inputs()) {
        if (input != null) {
          consumers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
        }
      }
    }
    return consumers;
  }

  /** The node that produces each value. */
  public Map<Value, Node> producers() {
    Map<Value, Node> producers = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (Value output : node.outputs()) {
        if (output != null) {
          producers.put(output, node);
        }
      }
    }
    return producers;
  }
}
