package io.lockstep.runtime.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One application of an operator. A null input or output is an optional one that is left out. */
public final class Node {

  private final String name;
  private final Operator operator;
  private final List<@Nullable Value> inputs;
  private final List<@Nullable Value> outputs;

  public Node(
      String name,
      Operator operator,
      List<? extends @Nullable Value> inputs,
      List<? extends @Nullable Value> outputs) {
    this.name = name;
    this.operator = operator;
    this.inputs = Collections.unmodifiableList(new ArrayList<@Nullable Value>(inputs));
    this.outputs = Collections.unmodifiableList(new ArrayList<@Nullable Value>(outputs));
  }

  public String name() {
    return name;
  }

  public Operator operator() {
    return operator;
  }

  public List<@Nullable Value> inputs() {
    return inputs;
  }

  public List<@Nullable Value> outputs() {
    return outputs;
  }

  /** The first output, which every operator has. */
  public Value output() {
    Value first = outputs.getFirst();
    if (first == null) {
      throw new IllegalStateException("node " + name + " has no first output");
    }
    return first;
  }

  /** The input at {@code index}, which must not be left out. */
  public Value input(int index) {
    Value value = index < inputs.size() ? inputs.get(index) : null;
    if (value == null) {
      throw new IllegalStateException("node " + name + " has no input " + index);
    }
    return value;
  }

  public boolean hasInput(int index) {
    return index < inputs.size() && inputs.get(index) != null;
  }

  public Node withInputs(List<? extends @Nullable Value> newInputs) {
    return new Node(name, operator, newInputs, outputs);
  }

  @Override
  public String toString() {
    return operator.name() + " " + name;
  }
}
