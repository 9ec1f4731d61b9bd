package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A node's attributes as literals: {@code Attributes.of("Conv").with("group", 2L)}. */
public final class Attributes implements NodeAttributes {

  private final String operator;
  private int opset = 22;
  private int inputs = 1;
  private int outputs = 1;
  private int captures;
  private final Map<String, Object> values = new TreeMap<>();

  private Attributes(String operator) {
    this.operator = operator;
  }

  public static Attributes of(String operator) {
    return new Attributes(operator);
  }

  public Attributes opset(int version) {
    opset = version;
    return this;
  }

  public Attributes inputs(int count) {
    inputs = count;
    return this;
  }

  public Attributes outputs(int count) {
    outputs = count;
    return this;
  }

  public Attributes captures(int count) {
    captures = count;
    return this;
  }

  public Attributes with(String name, long value) {
    values.put(name, value);
    return this;
  }

  public Attributes with(String name, float value) {
    values.put(name, value);
    return this;
  }

  public Attributes with(String name, String value) {
    values.put(name, value);
    return this;
  }

  public Attributes ints(String name, long... value) {
    values.put(name, value);
    return this;
  }

  public Attributes floats(String name, float... value) {
    values.put(name, value);
    return this;
  }

  public Attributes strings(String name, String... value) {
    values.put(name, List.of(value));
    return this;
  }

  public Attributes with(String name, Tensor value) {
    values.put(name, value);
    return this;
  }

  public Attributes with(String name, Graph value) {
    values.put(name, value);
    return this;
  }

  /** Everything that was set: Long, Float, String, long[], float[], List of String, or Tensor. */
  Map<String, Object> values() {
    return values;
  }

  @Override
  public String operator() {
    return operator;
  }

  @Override
  public int opset() {
    return opset;
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
    return values.containsKey(name);
  }

  @Override
  public long intOr(String name, long absent) {
    return (Long) values.getOrDefault(name, absent);
  }

  @Override
  public float floatOr(String name, float absent) {
    return (Float) values.getOrDefault(name, absent);
  }

  @Override
  public String stringOr(String name, String absent) {
    return (String) values.getOrDefault(name, absent);
  }

  @Override
  public long[] ints(String name) {
    return values.get(name) instanceof long[] longs ? longs : new long[0];
  }

  @Override
  public float[] floats(String name) {
    return values.get(name) instanceof float[] floats ? floats : new float[0];
  }

  @Override
  public List<String> strings(String name) {
    return ((List<?>) values.getOrDefault(name, List.of()))
        .stream().map(String.class::cast).toList();
  }

  @Override
  public Optional<Tensor> tensor(String name) {
    return values.get(name) instanceof Tensor tensor ? Optional.of(tensor) : Optional.empty();
  }

  @Override
  public Graph graph(String name) {
    return (Graph) values.get(name);
  }

  @Override
  public int captures() {
    return captures;
  }
}
