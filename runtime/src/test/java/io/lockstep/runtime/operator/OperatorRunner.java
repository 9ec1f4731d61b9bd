package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Runs one operator, or a graph of them, on tensors: infers its outputs, prepares it, and runs it
 * on outputs and a workspace full of rubbish, with guard bytes around them that must survive.
 */
final class OperatorRunner {

  private static final int GUARD_BYTES = 64;
  private static final byte POISON = (byte) 0xA5;

  private final KernelSet kernels;
  private final Map<Integer, List<AxisRole>> roles = new HashMap<>();
  private BatchLayout batch = BatchLayout.full(1);
  private boolean constants = true;

  private OperatorRunner(KernelSet kernels) {
    this.kernels = kernels;
  }

  static OperatorRunner on(KernelSet kernels) {
    return new OperatorRunner(kernels);
  }

  /** Says what the axes of an input mean. */
  OperatorRunner roles(int input, AxisRole... meaning) {
    roles.put(input, List.of(meaning));
    return this;
  }

  OperatorRunner batch(BatchLayout layout) {
    batch = layout;
    return this;
  }

  /** Hides from the operator what it does not insist on knowing: weights come with the run. */
  OperatorRunner withoutConstants() {
    constants = false;
    return this;
  }

  /** The first output. */
  Tensor first(Operator operator, Tensor... inputs) {
    return run(operator, inputs).getFirst();
  }

  /** All outputs; a null input is one left out. */
  List<Tensor> run(Operator operator, Tensor... inputs) {
    if (operator instanceof DataDependentOperator dependent) {
      return dependent.evaluate(Arrays.asList(inputs), new Evaluation());
    }
    List<TensorType> types = new ArrayList<>();
    List<Tensor> known = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      types.add(inputs[i] == null ? null : inputs[i].type());
      known.add(constants || operator.needsValue(i) ? inputs[i] : null);
    }
    OperatorInputs described = new OperatorInputs(operator.name(), types, known);
    Optional<Graph> inlined = operator.inline(described);
    if (inlined.isPresent()) {
      Tensor[] all = inputs;
      int count = inlined.get().inputs().size();
      return run(inlined.get(), List.of(Arrays.copyOfRange(all, all.length - count, all.length)));
    }
    List<Guarded> outputs =
        operator.outputTypes(described).stream().map(OperatorRunner::guarded).toList();
    try (TensorArena model = new TensorArena()) {
      Preparation preparation = new Preparation(known, model);
      PreparedOperator prepared = operator.prepare(described, preparation);
      Guarded workspace = guarded(prepared.workspaceBytes());
      Tensor[] results = outputs.stream().map(Guarded::tensor).toArray(Tensor[]::new);
      Tensor[] left = inputs.clone(); // a plan gives back what its operators have packed
      preparation.packed.forEach(input -> left[input] = null);
      prepared.run(left, results, new Run(workspace.inside()));
      workspace.check("workspace");
    }
    outputs.forEach(output -> output.check("output"));
    return outputs.stream().map(Guarded::tensor).toList();
  }

  /** Runs a graph node by node. */
  List<Tensor> run(Graph graph, List<Tensor> inputs) {
    Map<Value, Tensor> values = new HashMap<>(graph.constants());
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i), inputs.get(i));
    }
    for (Node node : graph.nodes()) {
      Tensor[] operands = node.inputs().stream().map(values::get).toArray(Tensor[]::new);
      List<Tensor> results = run(node.operator(), operands);
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.outputs().get(i) != null) {
          values.put(node.outputs().get(i), results.get(i));
        }
      }
    }
    return graph.outputs().stream().map(values::get).toList();
  }

  private static Guarded guarded(TensorType type) {
    Guarded memory = guarded(type.bytes());
    Tensor tensor =
        type.dtype() == DType.STRING ? Tensors.zeros(type) : Tensor.of(type, memory.inside());
    return new Guarded(memory.all(), memory.inside(), tensor);
  }

  private static Guarded guarded(long bytes) {
    MemorySegment all = Arena.ofAuto().allocate(bytes + 2 * GUARD_BYTES, TensorArena.ALIGNMENT);
    all.fill(POISON);
    return new Guarded(all, all.asSlice(GUARD_BYTES, bytes), null);
  }

  /** Memory between two guards. */
  private record Guarded(MemorySegment all, MemorySegment inside, Tensor tensor) {
    void check(String what) {
      MemorySegment before = all.asSlice(0, GUARD_BYTES);
      MemorySegment after = all.asSlice(all.byteSize() - GUARD_BYTES);
      byte[] expected = new byte[GUARD_BYTES];
      Arrays.fill(expected, POISON);
      assertEquals(-1, before.mismatch(MemorySegment.ofArray(expected)), what + ": guard before");
      assertEquals(-1, after.mismatch(MemorySegment.ofArray(expected)), what + ": guard behind");
    }
  }

  private final class Preparation implements PrepareContext {
    private final List<Tensor> known;
    private final TensorArena model;
    private final Set<Integer> packed = new HashSet<>();

    Preparation(List<Tensor> known, TensorArena model) {
      this.known = known;
      this.model = model;
    }

    @Override
    public KernelSet kernels() {
      return kernels;
    }

    @Override
    public <T> T packed(int input, String form, Packer<T> pack) {
      packed.add(input);
      return pack.pack(known.get(input), model);
    }

    @Override
    public <T> T shared(String key, Function<TensorArena, T> make) {
      return make.apply(model);
    }

    @Override
    public Optional<List<AxisRole>> axisRoles(int input) {
      return Optional.ofNullable(roles.get(input));
    }
  }

  private final class Run implements RunContext {
    private final MemorySegment workspace;

    Run(MemorySegment workspace) {
      this.workspace = workspace;
    }

    @Override
    public Copies copies() {
      return kernels.copies();
    }

    @Override
    public ComputePool pool() {
      return ComputePool.CALLER;
    }

    @Override
    public MemorySegment workspace() {
      return workspace;
    }

    @Override
    public BatchLayout batch() {
      return batch;
    }
  }

  private final class Evaluation implements EvaluationContext {
    @Override
    public Tensor allocate(TensorType type) {
      return Tensors.zeros(type);
    }

    @Override
    public List<Tensor> run(Graph graph, List<Tensor> inputs) {
      return OperatorRunner.this.run(graph, inputs);
    }
  }
}
