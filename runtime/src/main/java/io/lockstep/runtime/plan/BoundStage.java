package io.lockstep.runtime.plan;

import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.plan.StagePlan.Located;
import io.lockstep.runtime.plan.StagePlan.Place;
import io.lockstep.runtime.plan.StagePlan.Step;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stage of a plan with its tensors: what remains is to run it. */
final class BoundStage implements AutoCloseable {

  private final Map<Value, Located> visible;
  private final TensorArena planConstants;
  private final List<Step> steps;
  private MemorySegment block = MemorySegment.NULL;
  private Map<Value, Tensor> externals = Map.of();
  private final PreparedOperator[] operators;
  private final Tensor[][] inputs;
  private final Tensor[][] outputs;
  private final MemorySegment[] workspaces;

  /** Text has no place in the arena: its tensors are remembered by buffer. */
  private final Map<Object, Tensor> texts = new HashMap<>();

  /** The nodes that wait for this stage to have run, in order. */
  private final List<Node> deferred;

  /** Values whose contents the deferred nodes wait for. */
  private final Set<Value> needed;

  /** Data-dependent nodes that are evaluated after this stage. */
  private final List<Node> evaluable;

  private final Map<ShapeKey, BoundStage> next;

  /**
   * Makes the tensors of a plan.
   *
   * @param block the arena, at least {@code plan.arenaBytes()} bytes; the session owns it
   * @param externals tensors for the plan's external values
   * @param planConstants owns what was computed while planning; closed with this stage
   * @param maxNext how many following stages are kept
   */
  BoundStage(
      StagePlan plan,
      Resolver resolver,
      MemorySegment block,
      Map<Value, Tensor> externals,
      TensorArena planConstants,
      int maxNext) {
    this.visible = plan.visible();
    this.planConstants = planConstants;
    this.steps = plan.steps();
    this.deferred = List.copyOf(resolver.deferred());
    this.needed = Set.copyOf(resolver.needed());
    this.evaluable = List.copyOf(resolver.evaluable());
    this.next = new LeastRecentlyUsed(maxNext);
    int count = steps.size();
    operators = new PreparedOperator[count];
    inputs = new Tensor[count][];
    outputs = new Tensor[count][];
    workspaces = new MemorySegment[count];
    for (int i = 0; i < count; i++) {
      operators[i] = steps.get(i).operator();
    }
    moveTo(block, externals);
  }

  /**
   * Makes the tensors anew in other memory; what was decided while planning stays. Following stages
   * read the old tensors: they are in no block until they are moved, too.
   *
   * @param newBlock the arena, at least as large as the one before
   * @param newExternals tensors for the plan's external values
   */
  void moveTo(MemorySegment newBlock, Map<Value, Tensor> newExternals) {
    block = newBlock;
    externals = newExternals;
    for (int i = 0; i < operators.length; i++) {
      Step step = steps.get(i);
      inputs[i] = tensors(step.inputs());
      outputs[i] = tensors(step.outputs());
      workspaces[i] =
          step.workspace() == null
              ? MemorySegment.NULL
              : block.asSlice(step.workspace().offset(), step.workspace().bytes());
    }
    next.values().forEach(stage -> stage.block = MemorySegment.NULL);
  }

  /** The values that were given from outside. */
  Set<Value> externals() {
    return externals.keySet();
  }

  /** Following stages by what had to be known; the eldest unused one is closed when full. */
  private static final class LeastRecentlyUsed extends LinkedHashMap<ShapeKey, BoundStage> {
    private static final long serialVersionUID = 1L;
    private final int max;

    LeastRecentlyUsed(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<ShapeKey, BoundStage> eldest) {
      if (size() <= max) {
        return false;
      }
      eldest.getValue().close();
      return true;
    }
  }

  /** Runs all steps of this stage. */
  void run(SessionContext context) {
    for (int i = 0; i < operators.length; i++) {
      context.workspace(workspaces[i]);
      operators[i].run(inputs[i], outputs[i], context);
    }
  }

  /** A value's tensor, or null when this stage does not know the value. */
  @Nullable Tensor tensor(Value value) {
    Located at = visible.get(value);
    return at == null ? null : tensor(at);
  }

  List<Node> deferred() {
    return deferred;
  }

  Set<Value> needed() {
    return needed;
  }

  List<Node> evaluable() {
    return evaluable;
  }

  Map<ShapeKey, BoundStage> next() {
    return next;
  }

  /**
   * Whether this stage's tensors lie in that block. Memory given back may be given out again at the
   * same address, so it is the scopes that tell.
   */
  boolean isIn(MemorySegment other) {
    return block.scope().equals(other.scope());
  }

  @SuppressWarnings("NullAway") // a null input is one that is left out or was packed
  private Tensor[] tensors(List<? extends @Nullable Located> places) {
    Tensor[] result = new Tensor[places.size()];
    for (int i = 0; i < result.length; i++) {
      Located at = places.get(i);
      result[i] = at == null ? null : tensor(at);
    }
    return result;
  }

  private Tensor tensor(Located at) {
    return switch (at.place()) {
      case Place.Constant(Tensor tensor) -> tensor.reshaped(at.type().shape());
      case Place.External(Value value) -> {
        Tensor tensor = externals.get(value);
        if (tensor == null) {
          throw new IllegalStateException("no tensor was given for '" + value + "'");
        }
        yield tensor.reshaped(at.type().shape());
      }
      case Place.InArena(MemoryPlanner.Buffer buffer) ->
          at.type().dtype().bytes() == 0
              ? texts
                  .computeIfAbsent(buffer, _ -> Tensor.of(at.type(), MemorySegment.NULL))
                  .reshaped(at.type().shape())
              : Tensor.of(at.type(), block.asSlice(buffer.offset(), at.type().bytes()));
    };
  }

  @Override
  public void close() {
    next.values().forEach(BoundStage::close);
    next.clear();
    planConstants.close();
  }
}
