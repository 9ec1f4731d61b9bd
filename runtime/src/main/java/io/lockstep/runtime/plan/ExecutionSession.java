package io.lockstep.runtime.plan;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Plans and runs one graph for one thread at a time. Owns the activation memory: one block for each
 * depth of stages, shared by all plans, because only one of them runs at a time.
 */
public final class ExecutionSession implements AutoCloseable {

  private final Graph graph;
  private final PlanSettings settings;
  private final SessionContext context;
  private final NodeEvaluator evaluator;
  private final Map<Value, Tensor> graphConstants;
  private final Map<ShapeKey, BoundStage> first;
  private final List<Block> blocks = new ArrayList<>();
  private final Map<Graph, ExecutionSession> subgraphs = new HashMap<>();

  // Written by the thread that runs, read by any.
  private final AtomicInteger plans = new AtomicInteger();
  private final AtomicLong hits = new AtomicLong();
  private final AtomicLong misses = new AtomicLong();

  private @Nullable BoundStage bound;
  private final List<BoundStage> ran = new ArrayList<>();
  private TensorArena runMemory = new TensorArena();
  private boolean usesRunMemory;

  /** Activation memory of one depth. */
  private static final class Block {
    private Arena arena = Arena.ofShared();
    private MemorySegment segment = MemorySegment.NULL;

    /** At least so many bytes; growing invalidates what lay in the old segment. */
    @SuppressWarnings("MustBeClosedChecker") // closed with the session, or when it grows
    MemorySegment ofBytes(long bytes) {
      if (segment.byteSize() < bytes || segment.equals(MemorySegment.NULL)) {
        arena.close();
        arena = Arena.ofShared();
        segment = arena.allocate(Math.max(bytes, 1), TensorArena.ALIGNMENT);
      }
      return segment;
    }
  }

  public ExecutionSession(Graph graph, PlanSettings settings) {
    this.graph = graph;
    this.settings = settings;
    this.context = new SessionContext(settings.kernels().copies(), settings.pool());
    this.evaluator = new NodeEvaluator(settings.kernels());
    this.graphConstants = graph.constants();
    this.first =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ShapeKey, BoundStage> eldest) {
            if (size() <= settings.maxCachedPlans()) {
              return false;
            }
            eldest.getValue().close();
            return true;
          }
        };
  }

  /** Finds or makes the plan for these input types; {@link #input} is valid afterwards. */
  public void bind(List<TensorType> types) {
    ran.clear();
    bound = null;
    ShapeKey key = ShapeKey.ofTypes(types);
    BoundStage stage = first.get(key);
    if (stage == null) {
      stage = planFirst(types);
      first.put(key, stage);
      plans.set(first.size());
      misses.incrementAndGet();
    } else {
      hits.incrementAndGet();
      if (!stage.isIn(block(0, 0))) {
        stage.moveTo(block(0, 0), Map.of());
      }
    }
    bound = stage;
  }

  /** Whether the bound plan covers the whole graph, with nothing that a run must tell first. */
  public boolean isComplete() {
    return bound().deferred().isEmpty();
  }

  /** The tensor of a graph input of the bound plan. */
  public Tensor input(int index) {
    return required(bound(), graph.inputs().get(index));
  }

  /** Runs the bound plan to its end. */
  public void run(BatchLayout batch) {
    context.batch(batch);
    freeRunMemory();
    ran.clear();
    BoundStage stage = bound();
    stage.run(context);
    ran.add(stage);
    while (!stage.deferred().isEmpty()) {
      stage = next(stage);
      stage.run(context);
      ran.add(stage);
    }
  }

  /** The tensor of a graph output; valid until the next run or binding. */
  public Tensor output(int index) {
    Value output = graph.outputs().get(index);
    for (BoundStage stage : ran.reversed()) {
      Tensor tensor = stage.tensor(output);
      if (tensor != null) {
        return tensor;
      }
    }
    throw new IllegalStateException("output '" + output + "' was not computed");
  }

  /** Native bytes held for activations, subgraphs included. */
  public long memoryBytes() {
    long bytes = runMemory.bytes();
    for (Block block : blocks) {
      bytes += block.segment.byteSize();
    }
    for (ExecutionSession session : subgraphs.values()) {
      bytes += session.memoryBytes();
    }
    return bytes;
  }

  /** Plans kept for the first stage; any thread may ask for this and the two counts below. */
  public int plans() {
    return plans.get();
  }

  /** Bindings that found their plan. */
  public long hits() {
    return hits.get();
  }

  /** Bindings that had to make a plan. */
  public long misses() {
    return misses.get();
  }

  private BoundStage bound() {
    if (bound == null) {
      throw new IllegalStateException("bind a session before running it");
    }
    return bound;
  }

  private static Tensor required(BoundStage stage, Value value) {
    Tensor tensor = stage.tensor(value);
    if (tensor == null) {
      throw new IllegalStateException("value '" + value + "' has no tensor");
    }
    return tensor;
  }

  private BoundStage planFirst(List<TensorType> types) {
    TensorArena planConstants = new TensorArena();
    try {
      Resolver resolver = resolver(planConstants);
      for (int i = 0; i < types.size(); i++) {
        resolver.define(graph.inputs().get(i), types.get(i), null);
      }
      resolver.resolve(graph.nodes());
      return bindStage(resolver, graph.inputs(), Map.of(), planConstants, 0);
    } catch (RuntimeException e) {
      planConstants.close();
      throw e;
    }
  }

  private Resolver resolver(TensorArena planConstants) {
    Resolver resolver =
        new Resolver(
            evaluator, planConstants, settings.maxTensorBytes(), settings.weights()::noteRead);
    graphConstants.forEach((value, tensor) -> resolver.define(value, tensor.type(), tensor));
    return resolver;
  }

  private BoundStage bindStage(
      Resolver resolver,
      List<Value> arenaInputs,
      Map<Value, Tensor> externals,
      TensorArena planConstants,
      int depth) {
    Set<Value> outputs = new LinkedHashSet<>(graph.outputs());
    for (Node node : resolver.deferred()) {
      for (Value input : node.inputs()) {
        if (input != null) {
          outputs.add(input);
        }
      }
    }
    outputs.removeIf(value -> resolver.known(value) == null);
    StagePlan plan =
        StagePlan.of(
            resolver,
            arenaInputs,
            externals.keySet(),
            outputs,
            settings.kernels(),
            settings.weights(),
            planConstants);
    return new BoundStage(
        plan,
        resolver,
        block(depth, plan.arenaBytes()),
        externals,
        planConstants,
        settings.maxCachedPlans());
  }

  private MemorySegment block(int depth, long bytes) {
    while (blocks.size() <= depth) {
      blocks.add(new Block());
    }
    return blocks.get(depth).ofBytes(bytes);
  }

  /** The stage after one that has just run, planned for what that run has told. */
  private BoundStage next(BoundStage stage) {
    List<Value> needed = new ArrayList<>();
    List<Tensor> contents = new ArrayList<>();
    for (Value value : stage.needed()) {
      Tensor tensor = stage.tensor(value);
      if (tensor != null) {
        needed.add(value);
        contents.add(tensor);
      }
    }
    Map<Value, Tensor> evaluated = evaluate(stage);
    if (needed.isEmpty() && evaluated.isEmpty()) {
      throw new InvalidModelException(
          "node '" + stage.deferred().getFirst().name() + "' waits for a value that never comes");
    }
    ShapeKey key = ShapeKey.of(contents, List.copyOf(evaluated.values()));
    int depth = ran.size();
    BoundStage next = stage.next().get(key);
    if (next == null) {
      next = planNext(stage, needed, contents, evaluated, depth);
      stage.next().put(key, next);
    } else if (!next.isIn(block(depth, 0))) {
      Map<Value, Tensor> externals = new LinkedHashMap<>();
      next.externals().forEach(value -> externals.put(value, required(stage, value)));
      next.moveTo(block(depth, 0), externals);
    }
    for (Map.Entry<Value, Tensor> result : evaluated.entrySet()) {
      required(next, result.getKey()).copyFrom(result.getValue());
    }
    return next;
  }

  private BoundStage planNext(
      BoundStage stage,
      List<Value> needed,
      List<Tensor> contents,
      Map<Value, Tensor> evaluated,
      int depth) {
    TensorArena planConstants = new TensorArena();
    try {
      Resolver resolver = resolver(planConstants);
      Map<Value, Tensor> externals = new LinkedHashMap<>();
      evaluated.forEach((value, tensor) -> resolver.define(value, tensor.type(), null));
      for (int i = 0; i < needed.size(); i++) {
        Tensor known = planConstants.copyOf(contents.get(i));
        resolver.define(needed.get(i), known.type(), known);
      }
      List<Node> remaining = new ArrayList<>(stage.deferred());
      remaining.removeAll(stage.evaluable());
      Set<Value> wanted = new LinkedHashSet<>(graph.outputs());
      remaining.forEach(node -> node.inputs().forEach(v -> addIfPresent(wanted, v)));
      for (Value value : wanted) {
        Tensor tensor = stage.tensor(value);
        if (tensor != null && resolver.known(value) == null) {
          resolver.define(value, tensor.type(), null);
          externals.put(value, tensor);
        }
      }
      resolver.resolve(remaining);
      return bindStage(resolver, List.copyOf(evaluated.keySet()), externals, planConstants, depth);
    } catch (RuntimeException e) {
      planConstants.close();
      throw e;
    }
  }

  private static void addIfPresent(Set<Value> values, @Nullable Value value) {
    if (value != null) {
      values.add(value);
    }
  }

  /** Evaluates the data-dependent nodes that wait for this stage; returns their outputs. */
  private Map<Value, Tensor> evaluate(BoundStage stage) {
    Map<Value, Tensor> results = new LinkedHashMap<>();
    for (Node node : stage.evaluable()) {
      List<@Nullable Tensor> inputs = new ArrayList<>();
      for (Value input : node.inputs()) {
        inputs.add(input == null ? null : required(stage, input));
      }
      List<Tensor> outputs = ((DataDependentOperator) node.operator()).evaluate(inputs, evaluation);
      for (int i = 0; i < node.outputs().size(); i++) {
        Value output = node.outputs().get(i);
        if (output != null) {
          results.put(output, outputs.get(i));
        }
      }
    }
    return results;
  }

  private final EvaluationContext evaluation =
      new EvaluationContext() {
        @Override
        public Tensor allocate(TensorType type) {
          usesRunMemory = true;
          return runMemory.allocate(type);
        }

        @Override
        public List<Tensor> run(Graph subgraph, List<Tensor> inputs) {
          ExecutionSession session =
              subgraphs.computeIfAbsent(subgraph, g -> new ExecutionSession(g, settings));
          session.bind(inputs.stream().map(Tensor::type).toList());
          for (int i = 0; i < inputs.size(); i++) {
            session.input(i).copyFrom(inputs.get(i));
          }
          session.run(BatchLayout.full(1));
          List<Tensor> outputs = new ArrayList<>();
          for (int i = 0; i < subgraph.outputs().size(); i++) {
            usesRunMemory = true;
            outputs.add(runMemory.copyOf(session.output(i)));
          }
          return outputs;
        }
      };

  private void freeRunMemory() {
    if (usesRunMemory) {
      runMemory.close();
      runMemory = new TensorArena();
      usesRunMemory = false;
    }
  }

  @Override
  public void close() {
    subgraphs.values().forEach(ExecutionSession::close);
    first.values().forEach(BoundStage::close);
    first.clear();
    runMemory.close();
    blocks.forEach(block -> block.arena.close());
  }
}
