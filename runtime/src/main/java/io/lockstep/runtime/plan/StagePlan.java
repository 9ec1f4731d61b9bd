package io.lockstep.runtime.plan;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.plan.MemoryPlanner.Buffer;
import io.lockstep.runtime.plan.Resolver.Known;
import io.lockstep.runtime.plan.Resolver.ResolvedNode;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one stage, prepared for concrete types, with every buffer placed. Tensors are made
 * when the plan is bound to memory, see {@link BoundStage}.
 */
final class StagePlan {

  /** Where a value's elements are: in the arena, in a constant, or given from outside. */
  sealed interface Place {
    record InArena(Buffer buffer) implements Place {}

    record Constant(Tensor tensor) implements Place {}

    record External(Value value) implements Place {}
  }

  /**
   * One prepared node.
   *
   * @param inputs null where an input is left out or was packed
   * @param outputs one for each of the operator's outputs, named or not
   * @param workspace null when the operator needs none
   */
  record Step(
      Node node,
      PreparedOperator operator,
      List<@Nullable Located> inputs,
      List<Located> outputs,
      @Nullable Buffer workspace) {}

  /** A value with its type and place. */
  record Located(TensorType type, Place place) {}

  private final List<Step> steps = new ArrayList<>();
  private final Map<Value, Located> located = new HashMap<>();
  private final Map<Value, Located> visible = new HashMap<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private final KernelSet kernels;
  private final ModelWeights weights;
  private final TensorArena planConstants;
  private final Resolver resolver;
  private long arenaBytes;

  private StagePlan(
      KernelSet kernels, ModelWeights weights, TensorArena planConstants, Resolver resolver) {
    this.kernels = kernels;
    this.weights = weights;
    this.planConstants = planConstants;
    this.resolver = resolver;
  }

  /**
   * Prepares what the resolver settled.
   *
   * @param arenaInputs known values that callers write into the arena before each run
   * @param externals known values that are given from outside
   * @param outputs values that must outlive the stage, where this stage knows them
   * @param planConstants owns what operators pack from constants of this plan alone
   */
  static StagePlan of(
      Resolver resolver,
      List<Value> arenaInputs,
      Set<Value> externals,
      Set<Value> outputs,
      KernelSet kernels,
      ModelWeights weights,
      TensorArena planConstants) {
    StagePlan plan = new StagePlan(kernels, weights, planConstants, resolver);
    plan.prepare(arenaInputs, externals, outputs);
    return plan;
  }

  List<Step> steps() {
    return steps;
  }

  long arenaBytes() {
    return arenaBytes;
  }

  /**
   * Where the values are that others ask for: inputs and what outlives the stage. A plan that is
   * kept holds on to nothing else of what was known while it was made.
   */
  Map<Value, Located> visible() {
    return visible;
  }

  private @Nullable Located located(Value value) {
    Located at = located.get(resolver.canonical(value));
    if (at != null) {
      return at;
    }
    Known known = resolver.known(value);
    return known == null || known.constant() == null
        ? null
        : new Located(known.type(), new Place.Constant(known.constant()));
  }

  private void prepare(List<Value> arenaInputs, Set<Value> externals, Set<Value> outputs) {
    Set<Value> kept = new HashSet<>();
    outputs.forEach(output -> kept.add(resolver.canonical(output)));
    List<ResolvedNode> nodes = liveNodes(new HashSet<>(kept));
    int end = nodes.size();
    Map<Value, Integer> lastUse = lastUses(nodes);
    Set<Buffer> pinned = new HashSet<>();
    for (Value input : arenaInputs) {
      Buffer buffer = new Buffer(typeOf(input).bytes(), -1, lastUse.getOrDefault(input, -1));
      buffers.add(buffer);
      pinned.add(buffer);
      located.put(input, new Located(typeOf(input), new Place.InArena(buffer)));
    }
    for (Value external : externals) {
      located.put(external, new Located(typeOf(external), new Place.External(external)));
    }
    for (int i = 0; i < end; i++) {
      prepareStep(i, nodes.get(i), lastUse, pinned, kept);
    }
    for (Value output : kept) {
      if (located(output) instanceof Located(_, Place.InArena(Buffer buffer))) {
        buffer.extendTo(end);
      }
    }
    arenaBytes = MemoryPlanner.place(buffers);
    arenaInputs.forEach(this::show);
    outputs.forEach(this::show);
  }

  private void show(Value value) {
    Located at = located(value);
    if (at != null) {
      visible.put(value, at);
    }
  }

  /** The nodes that some output or later node needs; folding leaves others behind. */
  private List<ResolvedNode> liveNodes(Set<Value> live) {
    List<ResolvedNode> kept = new ArrayList<>();
    for (ResolvedNode node : resolver.resolved().reversed()) {
      boolean wanted = false;
      for (Value output : node.node().outputs()) {
        wanted |= output != null && live.contains(output);
      }
      if (wanted) {
        kept.add(node);
        for (Value input : node.node().inputs()) {
          if (input != null) {
            live.add(input);
          }
        }
      }
    }
    return kept.reversed();
  }

  private static Map<Value, Integer> lastUses(List<ResolvedNode> nodes) {
    Map<Value, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Value input : nodes.get(i).node().inputs()) {
        if (input != null) {
          lastUse.put(input, i);
        }
      }
    }
    return lastUse;
  }

  private void prepareStep(
      int index,
      ResolvedNode resolved,
      Map<Value, Integer> lastUse,
      Set<Buffer> pinned,
      Set<Value> outputs) {
    Node node = resolved.node();
    StepContext context = new StepContext(node, resolved.inputs());
    PreparedOperator prepared = prepared(node, resolved.inputs(), context);
    List<@Nullable Located> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.inputs().get(i);
      inputs.add(input == null || context.wasPacked(i) ? null : read(input));
    }
    List<Located> produced = new ArrayList<>();
    for (int i = 0; i < resolved.outputTypes().size(); i++) {
      TensorType type = resolved.outputTypes().get(i);
      Value output = i < node.outputs().size() ? node.outputs().get(i) : null;
      Located at = i == 0 ? sharedPlace(index, prepared, inputs, type, pinned) : null;
      if (at == null) {
        at = inArena(type, index);
      }
      produced.add(at);
      if (output != null) {
        located.put(output, at);
        if (at.place() instanceof Place.InArena(Buffer buffer)) {
          buffer.extendTo(lastUse.getOrDefault(output, index));
          if (outputs.contains(output)) {
            pinned.add(buffer);
          }
        }
      }
    }
    if (prepared.isView()) {
      return;
    }
    Buffer workspace = null;
    if (prepared.workspaceBytes() > 0) {
      workspace = new Buffer(prepared.workspaceBytes(), index, index);
      buffers.add(workspace);
    }
    steps.add(new Step(node, prepared, inputs, produced, workspace));
  }

  private static PreparedOperator prepared(Node node, OperatorInputs inputs, StepContext context) {
    try {
      return node.operator().prepare(inputs, context);
    } catch (ModelException e) {
      throw Resolver.named(node, e);
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw Resolver.misfit(node, inputs.types(), e);
    }
  }

  /** The place of the input that the first output takes over, or null for a place of its own. */
  private @Nullable Located sharedPlace(
      int index,
      PreparedOperator prepared,
      List<@Nullable Located> inputs,
      TensorType type,
      Set<Buffer> pinned) {
    if (prepared.isView() && inputs.getFirst() instanceof Located(_, Place place)) {
      return new Located(type, place);
    }
    int over = prepared.inPlaceInput();
    if (over < 0
        || !(inputs.get(over) instanceof Located(TensorType from, Place.InArena(Buffer buffer)))
        || buffer.lastStep() > index
        || pinned.contains(buffer)
        || from.bytes() != type.bytes()
        || from.bytes() == 0) {
      return null;
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (i != over
          && inputs.get(i) instanceof Located(TensorType other, Place.InArena(Buffer shared))
          && shared == buffer
          && !other.equals(from)) {
        return null;
      }
    }
    return new Located(type, new Place.InArena(buffer));
  }

  private Located read(Value input) {
    Located at = located.get(input);
    if (at != null) {
      return at;
    }
    Known known = resolver.known(input);
    if (known == null || known.constant() == null) {
      throw new IllegalStateException("value '" + input + "' is used before it is known");
    }
    weights.noteRead(input);
    return new Located(known.type(), new Place.Constant(known.constant()));
  }

  private Located inArena(TensorType type, int step) {
    Buffer buffer = new Buffer(type.bytes(), step, step);
    buffers.add(buffer);
    return new Located(type, new Place.InArena(buffer));
  }

  private TensorType typeOf(Value value) {
    Known known = resolver.known(value);
    if (known == null) {
      throw new IllegalStateException("nothing is known of '" + value + "'");
    }
    return known.type();
  }

  /** What an operator of this plan may use while it chooses its kernel. */
  private final class StepContext implements PrepareContext {
    private final Node node;
    private final OperatorInputs inputs;
    private final Set<Integer> packed = new HashSet<>();

    StepContext(Node node, OperatorInputs inputs) {
      this.node = node;
      this.inputs = inputs;
    }

    boolean wasPacked(int input) {
      return packed.contains(input);
    }

    @Override
    public KernelSet kernels() {
      return kernels;
    }

    @Override
    public <T> T packed(int input, String form, Packer<T> pack) {
      packed.add(input);
      Value value = node.input(input);
      Tensor constant = inputs.value(input);
      return weights.isConstant(value)
          ? weights.packed(value, constant, form, pack)
          : pack.pack(constant, planConstants);
    }

    @Override
    public <T> T shared(String key, Function<TensorArena, T> make) {
      return weights.shared(key, make);
    }

    @Override
    public Optional<List<AxisRole>> axisRoles(int input) {
      return Optional.ofNullable(weights.axisRoles().get(node.input(input)));
    }
  }
}
