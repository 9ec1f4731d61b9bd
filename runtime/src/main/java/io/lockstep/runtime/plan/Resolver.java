package io.lockstep.runtime.plan;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks a graph forward with concrete input types: infers types, folds what is constant, takes the
 * branch whose condition is known, and sets aside what only a run can tell.
 */
final class Resolver {

  /** Larger results of constant inputs are computed by each run rather than kept with each plan. */
  private static final long MAX_FOLDED_BYTES = 1 << 20;

  /** What is known of a value. */
  record Known(TensorType type, @Nullable Tensor constant) {}

  /** A node whose types are settled; it remains to be run. */
  record ResolvedNode(Node node, OperatorInputs inputs, List<TensorType> outputTypes) {}

  private final NodeEvaluator evaluator;
  private final TensorArena folded;
  private final long maxTensorBytes;
  private final ConstantReads reads;
  private final @Nullable BranchAssumption assumption;
  private final Map<Value, Known> known = new HashMap<>();
  private final Map<Value, Value> inlined = new HashMap<>();
  private final List<ResolvedNode> resolved = new ArrayList<>();
  private final List<Node> deferred = new ArrayList<>();
  private final Set<Value> needed = new LinkedHashSet<>();
  private final List<Node> evaluable = new ArrayList<>();

  /** Told of each constant that is read as it is, not in a packed form. */
  @FunctionalInterface
  interface ConstantReads {
    void read(Value value);
  }

  /**
   * Starts with nothing known.
   *
   * @param folded owns the constants that are computed here
   * @param maxTensorBytes no value may be larger
   */
  Resolver(NodeEvaluator evaluator, TensorArena folded, long maxTensorBytes, ConstantReads reads) {
    this(evaluator, folded, maxTensorBytes, reads, null);
  }

  private Resolver(
      NodeEvaluator evaluator,
      TensorArena folded,
      long maxTensorBytes,
      ConstantReads reads,
      @Nullable BranchAssumption assumption) {
    this.evaluator = evaluator;
    this.folded = folded;
    this.maxTensorBytes = maxTensorBytes;
    this.reads = reads;
    this.assumption = assumption;
  }

  /** Infers types alone, behind branches too as far as {@code assumption} answers for them. */
  static Resolver assuming(
      BranchAssumption assumption,
      NodeEvaluator evaluator,
      TensorArena folded,
      long maxTensorBytes) {
    return new Resolver(evaluator, folded, maxTensorBytes, _ -> {}, assumption);
  }

  /** Makes a value known. */
  void define(Value value, TensorType type, @Nullable Tensor constant) {
    if (type.bytes() > maxTensorBytes) {
      throw new InvalidInputException(
          "value '%s' of type %s takes %d bytes; at most %d are allowed"
              .formatted(value.name(), type, type.bytes(), maxTensorBytes));
    }
    known.put(value, new Known(type, constant));
  }

  /** Resolves nodes in order, as far as the known values reach. */
  void resolve(List<Node> nodes) {
    for (Node node : nodes) {
      resolve(withCanonicalInputs(node));
    }
  }

  /** What is known of a value, or null. */
  @Nullable Known known(Value value) {
    return known.get(canonical(value));
  }

  /** The value that stands for this one after inlining. */
  Value canonical(Value value) {
    Value current = value;
    for (Value next = inlined.get(current); next != null; next = inlined.get(current)) {
      current = next;
    }
    return current;
  }

  List<ResolvedNode> resolved() {
    return resolved;
  }

  /** Nodes that wait for a run, in order, with canonical inputs. */
  List<Node> deferred() {
    return deferred;
  }

  /** Values whose contents the deferred nodes wait for. */
  Set<Value> needed() {
    return needed;
  }

  /** Data-dependent nodes among the deferred ones whose inputs this stage provides. */
  List<Node> evaluable() {
    return evaluable;
  }

  private void resolve(Node node) {
    List<@Nullable TensorType> types = new ArrayList<>();
    List<@Nullable Tensor> constants = new ArrayList<>();
    for (Value input : node.inputs()) {
      Known of = input == null ? null : known.get(input);
      if (input != null && of == null) {
        deferred.add(node);
        return;
      }
      types.add(of == null ? null : of.type());
      constants.add(of == null ? null : of.constant());
    }
    assumeConditions(node, types, constants);
    if (waitsForValues(node, types, constants)) {
      deferred.add(node);
      return;
    }
    if (node.operator() instanceof DataDependentOperator) {
      deferred.add(node);
      evaluable.add(node);
      return;
    }
    OperatorInputs inputs = new OperatorInputs(node.operator().name(), types, constants);
    try {
      resolve(node, inputs, constants);
    } catch (ModelException e) {
      throw named(node, e);
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw misfit(node, types, e);
    }
  }

  private void resolve(Node node, OperatorInputs inputs, List<@Nullable Tensor> constants) {
    Optional<Graph> body = node.operator().inline(inputs);
    if (body.isPresent()) {
      inline(node, body.get());
      return;
    }
    List<TensorType> outputTypes = node.operator().outputTypes(inputs);
    Optional<Tensor> fromTypes = node.operator().outputFromTypes(inputs);
    if (fromTypes.isPresent()) {
      define(node.output(), fromTypes.get().type(), fromTypes.get());
      return;
    }
    if (isFoldable(node, constants, outputTypes)) {
      node.inputs().forEach(this::noteRead);
      List<Tensor> results = evaluator.evaluate(node.operator(), constants, folded::allocate);
      for (int i = 0; i < node.outputs().size(); i++) {
        Value output = node.outputs().get(i);
        if (output != null) {
          define(output, results.get(i).type(), results.get(i));
        }
      }
      return;
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      if (output != null) {
        define(output, outputTypes.get(i), null);
      }
    }
    if (assumption != null) {
      assumption.follow(node, constants);
    }
    resolved.add(new ResolvedNode(node, inputs, outputTypes));
  }

  private void assumeConditions(
      Node node, List<@Nullable TensorType> types, List<@Nullable Tensor> constants) {
    for (int i = 0; assumption != null && i < types.size(); i++) {
      Value input = node.inputs().get(i);
      TensorType type = types.get(i);
      if (input != null
          && type != null
          && constants.get(i) == null
          && node.operator().needsValue(i)) {
        constants.set(i, assumption.answer(input, type));
      }
    }
  }

  private boolean waitsForValues(
      Node node, List<@Nullable TensorType> types, List<@Nullable Tensor> constants) {
    boolean waits = false;
    for (int i = 0; i < types.size(); i++) {
      Value input = node.inputs().get(i);
      if (input != null && node.operator().needsValue(i)) {
        if (constants.get(i) == null) {
          needed.add(input);
          waits = true;
        }
      }
    }
    return waits;
  }

  private void noteRead(@Nullable Value value) {
    if (value != null) {
      reads.read(value);
    }
  }

  private static boolean isFoldable(
      Node node, List<@Nullable Tensor> constants, List<TensorType> outputTypes) {
    long bytes = 0;
    for (TensorType type : outputTypes) {
      bytes += type.bytes();
    }
    for (int i = 0; i < constants.size(); i++) {
      if (node.inputs().get(i) != null && constants.get(i) == null) {
        return false;
      }
    }
    return bytes <= MAX_FOLDED_BYTES;
  }

  /** Lets a subgraph's nodes stand for the node: its inputs are the node's last ones. */
  private void inline(Node node, Graph body) {
    int first = node.inputs().size() - body.inputs().size();
    for (int i = 0; i < body.inputs().size(); i++) {
      if (node.hasInput(first + i)) {
        inlined.put(body.inputs().get(i), node.input(first + i));
      }
    }
    body.constants().forEach((value, tensor) -> define(value, tensor.type(), tensor));
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      if (output != null) {
        inlined.put(output, body.outputs().get(i));
      }
    }
    resolve(body.nodes());
  }

  private Node withCanonicalInputs(Node node) {
    List<@Nullable Value> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      inputs.add(input == null ? null : canonical(input));
    }
    return node.withInputs(inputs);
  }

  /** An operator's arithmetic of extents went wrong. */
  static InvalidModelException misfit(
      Node node, List<@Nullable TensorType> types, RuntimeException cause) {
    return new InvalidModelException(
        "node '%s' (%s) does not fit its inputs %s"
            .formatted(node.name(), node.operator().name(), types),
        cause);
  }

  /** The same, with the node's name; a node of a branch that was inlined is named already. */
  static ModelException named(Node node, ModelException e) {
    if (String.valueOf(e.getMessage()).startsWith("node '")) {
      return e;
    }
    String message = "node '" + node.name() + "': " + e.getMessage();
    return e instanceof InvalidInputException
        ? new InvalidInputException(message, e)
        : new InvalidModelException(message, e);
  }
}
