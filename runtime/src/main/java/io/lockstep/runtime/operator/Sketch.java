package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A graph of standard operators that stands for one other operator, while a {@link Recipe} draws
 * it.
 */
final class Sketch {

  private final String name;
  private final @Nullable OperatorInputs known;
  private final BitSet given;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Value, Tensor> constants = new LinkedHashMap<>();

  /** Of an operator whose inputs have these types. */
  Sketch(String name, OperatorInputs known) {
    this(name, known, given(known), known.count());
  }

  /** Of an operator of which only is known which inputs it is given. */
  Sketch(String name, BitSet given) {
    this(name, null, given, given.length());
  }

  private Sketch(String name, @Nullable OperatorInputs known, BitSet given, int count) {
    this.name = name;
    this.known = known;
    this.given = given;
    for (int i = 0; i < count; i++) {
      inputs.add(new Value(name + "/in" + i));
    }
  }

  private static BitSet given(OperatorInputs known) {
    BitSet given = new BitSet();
    for (int i = 0; i < known.count(); i++) {
      given.set(i, known.has(i));
    }
    return given;
  }

  /** The number of inputs, counting those left out before the last one given. */
  int count() {
    return inputs.size();
  }

  /** What is known of the operator's inputs, for recipes that look at types. */
  OperatorInputs known() {
    if (known == null) {
      throw new IllegalStateException(name + " looks at types before they are known");
    }
    return known;
  }

  /** An input of the operator; null when it is left out. */
  @Nullable Value optional(int index) {
    return given.get(index) ? inputs.get(index) : null;
  }

  /** An input of the operator that must be there. */
  Value input(int index) {
    if (!given.get(index)) {
      throw new InvalidModelException(name + ": input " + index + " is missing");
    }
    return inputs.get(index);
  }

  Value constant(Tensor tensor) {
    Value value = new Value(name + "/constant" + constants.size());
    constants.put(value, tensor);
    return value;
  }

  Value constant(float number) {
    return constant(Tensors.scalar(number));
  }

  /** A node with one output. */
  Value node(Operator operator, @Nullable Value... operands) {
    return nodes(operator, 1, operands).getFirst();
  }

  /** A node with several outputs. */
  List<Value> nodes(Operator operator, int outputs, @Nullable Value... operands) {
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(new Value(name + "/" + operator.name() + nodes.size() + "." + i));
    }
    nodes.add(
        new Node(name + "/" + operator.name() + nodes.size(), operator, list(operands), results));
    return results;
  }

  private static List<@Nullable Value> list(@Nullable Value[] operands) {
    return new ArrayList<@Nullable Value>(Arrays.asList(operands));
  }

  /**
   * A standard operator.
   *
   * @param namesAndValues its attributes, names and values (Long or Float) in turn
   */
  static Operator standard(String operator, int inputs, int outputs, Object... namesAndValues) {
    for (Map<String, Function<NodeAttributes, Operator>> table :
        List.of(
            MathOperators.table(),
            ElementOperators.table(),
            ShapeOperators.table(),
            IndexOperators.table(),
            LogicOperators.table(),
            AttentionOperators.table(),
            RecurrentOperators.table())) {
      Function<NodeAttributes, Operator> factory = table.get(operator);
      if (factory != null) {
        return factory.apply(
            new RecipeAttributes(operator, inputs, outputs).with(List.of(namesAndValues)));
      }
    }
    throw new IllegalArgumentException("no standard operator is called " + operator);
  }

  Value add(Value x, Value y) {
    return node(standard("Add", 2, 1), x, y);
  }

  Value multiply(Value x, Value y) {
    return node(standard("Mul", 2, 1), x, y);
  }

  /** x under another shape; a 0 keeps an extent, a -1 takes what is left. */
  Value reshape(Value x, long... shape) {
    return node(standard("Reshape", 2, 1), x, constant(Tensors.vector(shape)));
  }

  Graph graph(List<Value> outputs) {
    return new Graph(inputs, outputs, nodes, constants);
  }
}
