package io.lockstep.runtime.plan;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.plan.Resolver.Known;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the axes of a graph's values mean for batching, by inferring all types for a few
 * batch sizes and lengths and looking at which extents follow.
 */
public final class AxisTracer {

  // Primes that models do not have as fixed extents by accident.
  public static final int ITEMS = 3;
  private static final int MORE_ITEMS = 5;
  public static final int LENGTH = 37;
  private static final int LONGER = 41;

  /** Conditions that are tried both ways; each doubles the work. */
  private static final int MAX_CONDITIONS = 3;

  private final Graph graph;
  private final NodeEvaluator evaluator;
  private final long maxTensorBytes;

  /**
   * What was found.
   *
   * @param roles of the axes of every value that has the same rank for all batches
   * @param branches whether values behind a branch are among them, that a run decides by a scalar
   *     input; their roles are the same whichever way it goes
   */
  public record Traced(Map<Value, List<AxisRole>> roles, boolean branches) {}

  public AxisTracer(Graph graph, NodeEvaluator evaluator, long maxTensorBytes) {
    this.graph = graph;
    this.evaluator = evaluator;
    this.maxTensorBytes = maxTensorBytes;
  }

  /**
   * The roles of axes.
   *
   * @param inputTypes the types of the graph's inputs for a number of items and a length
   * @return empty when the types cannot be inferred for such inputs
   */
  public Optional<Traced> trace(BiFunction<Integer, Integer, List<TensorType>> inputTypes) {
    try {
      Map<Value, List<AxisRole>> roles = null;
      int conditions = 0;
      for (int pattern = 0; pattern < 1 << conditions; pattern++) {
        Inferred base = infer(inputTypes.apply(ITEMS, LENGTH), pattern);
        Inferred more = infer(inputTypes.apply(MORE_ITEMS, LENGTH), pattern);
        Inferred longer = infer(inputTypes.apply(ITEMS, LONGER), pattern);
        conditions = Math.max(conditions, base.conditions());
        if (conditions > MAX_CONDITIONS) {
          return Optional.empty();
        }
        Map<Value, List<AxisRole>> found = roles(base.types(), more.types(), longer.types());
        if (roles == null) {
          roles = found;
        } else {
          roles.entrySet().removeIf(role -> !role.getValue().equals(found.get(role.getKey())));
        }
      }
      return Optional.of(new Traced(roles == null ? Map.of() : roles, conditions > 0));
    } catch (ModelException e) {
      return Optional.empty();
    }
  }

  private static Map<Value, List<AxisRole>> roles(
      Map<Value, TensorType> base, Map<Value, TensorType> more, Map<Value, TensorType> longer) {
    Map<Value, List<AxisRole>> roles = new HashMap<>();
    base.forEach((value, shape) ->
        roles(shape, more.get(value), longer.get(value))
            .ifPresent(found -> roles.put(value, found)));
    return roles;
  }

  /** Whether the graph's types can be inferred for these inputs. */
  public boolean accepts(List<TensorType> inputTypes) {
    try {
      types(inputTypes);
      return true;
    } catch (ModelException e) {
      return false;
    }
  }

  /** The types of all values that can be inferred for these inputs. */
  public Map<Value, TensorType> types(List<TensorType> inputTypes) {
    try (TensorArena scratch = new TensorArena()) {
      return types(new Resolver(evaluator, scratch, maxTensorBytes, _ -> {}), inputTypes);
    }
  }

  /** Types, and how many conditions had to be assumed for them. */
  private record Inferred(Map<Value, TensorType> types, int conditions) {}

  private Inferred infer(List<TensorType> inputTypes, int pattern) {
    List<Value> scalars = new ArrayList<>();
    for (int i = 0; i < inputTypes.size(); i++) {
      if (inputTypes.get(i).shape().rank() == 0) {
        scalars.add(graph.inputs().get(i));
      }
    }
    BranchAssumption assumption = new BranchAssumption(pattern, scalars);
    try (TensorArena scratch = new TensorArena()) {
      Resolver resolver = Resolver.assuming(assumption, evaluator, scratch, maxTensorBytes);
      return new Inferred(types(resolver, inputTypes), assumption.asked());
    }
  }

  private Map<Value, TensorType> types(Resolver resolver, List<TensorType> inputTypes) {
    graph.constants().forEach((value, tensor) -> resolver.define(value, tensor.type(), tensor));
    for (int i = 0; i < inputTypes.size(); i++) {
      resolver.define(graph.inputs().get(i), inputTypes.get(i), null);
    }
    resolver.resolve(graph.nodes());
    Map<Value, TensorType> types = new HashMap<>();
    graph.inputs().forEach(value -> note(resolver, value, types));
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        if (output != null) {
          note(resolver, output, types);
        }
      }
    }
    return types;
  }

  private static void note(Resolver resolver, Value value, Map<Value, TensorType> types) {
    Known known = resolver.known(value);
    if (known != null) {
      types.put(value, known.type());
    }
  }

  private static Optional<List<AxisRole>> roles(
      TensorType type, @Nullable TensorType withMore, @Nullable TensorType withLonger) {
    Shape base = type.shape();
    if (withMore == null
        || withLonger == null
        || withMore.shape().rank() != base.rank()
        || withLonger.shape().rank() != base.rank()) {
      return Optional.empty();
    }
    Shape more = withMore.shape();
    Shape longer = withLonger.shape();
    List<AxisRole> roles = new ArrayList<>();
    for (int axis = 0; axis < base.rank(); axis++) {
      roles.add(role(base.extent(axis), more.extent(axis), longer.extent(axis)));
    }
    return Optional.of(roles);
  }

  private static AxisRole role(int base, int more, int longer) {
    if (more == base && longer == base) {
      return AxisRole.FIXED;
    }
    if (base == ITEMS && more == MORE_ITEMS && longer == base) {
      return AxisRole.BATCH;
    }
    if (base == LENGTH && more == base && longer == LONGER) {
      return AxisRole.LENGTH;
    }
    if (base == ITEMS * LENGTH && more == MORE_ITEMS * LENGTH && longer == ITEMS * LONGER) {
      return AxisRole.BATCH_LENGTH;
    }
    return AxisRole.VARYING;
  }
}
