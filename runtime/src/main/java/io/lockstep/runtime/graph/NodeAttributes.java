package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** The attributes of a node, read by name and type, whatever file format they came from. */
public interface NodeAttributes {

  /** The name of the node's operator, for messages. */
  String operator();

  /** The version of the operator's set that the model was written for. */
  int opset();

  /** How many inputs the node names, counting those left out before the last one given. */
  int inputCount();

  /** Whether the node names this input, rather than leaving an optional one out. */
  boolean hasInput(int index);

  /** How many outputs the node names, counting those left out before the last one given. */
  int outputCount();

  boolean has(String name);

  long intOr(String name, long absent);

  float floatOr(String name, float absent);

  String stringOr(String name, String absent);

  /** The integers of a list attribute; empty when it is left out. */
  long[] ints(String name);

  /** The floats of a list attribute; empty when it is left out. */
  float[] floats(String name);

  /** The texts of a list attribute; empty when it is left out. */
  List<String> strings(String name);

  Optional<Tensor> tensor(String name);

  /** A subgraph; what it takes from outside stands behind its own inputs, see {@link #captures}. */
  Graph graph(String name);

  /**
   * How many values of the surrounding graph the subgraphs of this node use. They are the last
   * inputs of the node and, in the same order, the last inputs of each of its subgraphs.
   */
  int captures();
}
