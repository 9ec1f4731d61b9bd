package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Attributes that a {@link Recipe} gives to a standard operator. */
final class RecipeAttributes implements NodeAttributes {

  /**
   * The version of the standard set that recipes speak; after its last change of an operator used.
   */
  private static final int OPSET = 23;

  private final String operator;
  private final int inputs;
  private final int outputs;
  private final Map<String, Long> integers = new HashMap<>();
  private final Map<String, Float> floats = new HashMap<>();

  RecipeAttributes(String operator, int inputs, int outputs) {
    this.operator = operator;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Sets attributes, given as names and values in turn: Long or Float. */
  RecipeAttributes with(List<?> namesAndValues) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      String name = (String) namesAndValues.get(i);
      if (namesAndValues.get(i + 1) instanceof Float number) {
        floats.put(name, number);
      } else {
        integers.put(name, (Long) namesAndValues.get(i + 1));
      }
    }
    return this;
  }

  @Override
  public String operator() {
    return operator;
  }

  @Override
  public int opset() {
    return OPSET;
  }

  @Override
  public int inputCount() {
    return inputs;
  }

  @Override
  public boolean hasInput(int index) {
    return index < inputs;
  }

  @Override
  public int outputCount() {
    return outputs;
  }

  @Override
  public boolean has(String name) {
    return integers.containsKey(name) || floats.containsKey(name);
  }

  @Override
  public long intOr(String name, long absent) {
    return integers.getOrDefault(name, absent);
  }

  @Override
  public float floatOr(String name, float absent) {
    return floats.getOrDefault(name, absent);
  }

  @Override
  public String stringOr(String name, String absent) {
    return absent;
  }

  @Override
  public long[] ints(String name) {
    return new long[0];
  }

  @Override
  public float[] floats(String name) {
    return new float[0];
  }

  @Override
  public List<String> strings(String name) {
    return List.of();
  }

  @Override
  public Optional<Tensor> tensor(String name) {
    return Optional.empty();
  }

  @Override
  public Graph graph(String name) {
    throw new IllegalStateException("recipes have no subgraphs");
  }

  @Override
  public int captures() {
    return 0;
  }
}
