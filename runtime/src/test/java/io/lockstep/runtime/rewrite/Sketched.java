package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.operator.Attributes;
import io.lockstep.runtime.operator.ElementOperators;
import io.lockstep.runtime.operator.ImageOperators;
import io.lockstep.runtime.operator.LogicOperators;
import io.lockstep.runtime.operator.MathOperators;
import io.lockstep.runtime.operator.QuantOperators;
import io.lockstep.runtime.operator.ShapeOperators;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A small graph, written down node by node; and running it as it stands. */
final class Sketched {

  private static final NodeEvaluator EVALUATOR = new NodeEvaluator(ScalarKernels.create());

  private final Random random = new Random(7);
  private final TensorArena arena = new TensorArena();
  private final Map<Value, Tensor> inputs = new LinkedHashMap<>();
  private final Map<Value, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private int ran;

  /** An input with random elements. */
  Value input(int... extents) {
    Value value = new Value("input" + inputs.size());
    inputs.put(value, gaussians(extents));
    return value;
  }

  /** An input with these elements. */
  Value input(Tensor tensor) {
    Value value = new Value("input" + inputs.size());
    inputs.put(value, tensor);
    return value;
  }

  /** A constant with random elements. */
  Value constant(int... extents) {
    return constant(gaussians(extents));
  }

  Value constant(Tensor tensor) {
    Value value = new Value("constant" + constants.size());
    constants.put(value, tensor);
    return value;
  }

  private Tensor gaussians(int... extents) {
    Shape shape = Shape.of(extents);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensors.ofFloats(shape, values);
  }

  Value node(String operator, @Nullable Value... arguments) {
    return node(Attributes.of(operator), arguments);
  }

  Value node(Attributes attributes, @Nullable Value... arguments) {
    Value output = new Value(attributes.operator() + nodes.size());
    nodes.add(
        new Node(
            output.name(),
            factory(attributes.operator()).apply(attributes.inputs(arguments.length)),
            Arrays.asList(arguments),
            List.of(output)));
    return output;
  }

  private static Function<NodeAttributes, Operator> factory(String operator) {
    for (Map<String, Function<NodeAttributes, Operator>> table :
        List.of(
            ElementOperators.table(),
            ImageOperators.table(),
            LogicOperators.table(),
            MathOperators.table(),
            QuantOperators.table(),
            ShapeOperators.table())) {
      if (table.containsKey(operator)) {
        return table.get(operator);
      }
    }
    throw new IllegalArgumentException(operator);
  }

  Graph graph(Value... outputs) {
    return new Graph(List.copyOf(inputs.keySet()), List.of(outputs), nodes, constants);
  }

  /** The graph after one pass. */
  Graph rewritten(Rewrite pass, Graph graph) {
    return pass.apply(graph, new RewriteContext(EVALUATOR, arena::allocate, Integer.MAX_VALUE));
  }

  /** A convolution with random weights that keeps height and width. */
  Value conv(Value x, int channels, int filters) {
    return node(
        Attributes.of("Conv").ints("pads", 1, 1, 1, 1),
        x,
        constant(filters, channels, 3, 3),
        constant(filters));
  }

  /** The outputs of a graph with this sketch's inputs, node after node on the scalar kernels. */
  List<Tensor> run(Graph graph) {
    ran = 0;
    return run(graph, List.copyOf(inputs.values()));
  }

  /** How many operators a run of a graph takes. */
  int steps(Graph graph) {
    run(graph);
    return ran;
  }

  private List<Tensor> run(Graph graph, List<? extends @Nullable Tensor> given) {
    Map<Value, Tensor> known = new HashMap<>(graph.constants());
    for (int i = 0; i < given.size(); i++) {
      Tensor tensor = given.get(i);
      if (tensor != null) {
        known.put(graph.inputs().get(i), tensor);
      }
    }
    for (Node node : graph.nodes()) {
      List<@Nullable Tensor> arguments = new ArrayList<>();
      for (Value input : node.inputs()) {
        arguments.add(input == null ? null : known.get(input));
      }
      List<Tensor> results = run(node.operator(), arguments);
      for (int i = 0; i < node.outputs().size(); i++) {
        known.put(node.outputs().get(i), results.get(i));
      }
    }
    return graph.outputs().stream().map(known::get).toList();
  }

  private List<Tensor> run(Operator operator, List<@Nullable Tensor> arguments) {
    Optional<Graph> body = operator.inline(NodeEvaluator.inputs(operator, arguments));
    if (body.isPresent()) {
      return run(body.get(), arguments);
    }
    ran++;
    return EVALUATOR.evaluate(operator, arguments, arena::allocate);
  }

  /** How often an operator occurs. */
  static long count(Graph graph, String operator) {
    return graph.nodes().stream().filter(node -> node.operator().name().equals(operator)).count();
  }
}
