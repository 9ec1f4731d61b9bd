package io.lockstep.runtime.graph;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs one operator on known tensors: for constant folding and for tests. */
public final class NodeEvaluator {

  private final KernelSet kernels;

  public NodeEvaluator(KernelSet kernels) {
    this.kernels = kernels;
  }

  /**
   * All outputs of an operator that is not {@linkplain DataDependentOperator data dependent}.
   *
   * @param inputs null where an optional input is left out
   * @param allocate makes the outputs
   */
  public List<Tensor> evaluate(
      Operator operator,
      List<? extends @Nullable Tensor> inputs,
      Function<TensorType, Tensor> allocate) {
    OperatorInputs known = inputs(operator, inputs);
    List<TensorType> types = operator.outputTypes(known);
    try (TensorArena scratch = new TensorArena()) {
      PreparedOperator prepared =
          operator.prepare(known, new ScratchContext(kernels, known, scratch));
      Tensor[] outputs = types.stream().map(allocate).toArray(Tensor[]::new);
      @Nullable Tensor[] arguments = inputs.toArray(new @Nullable Tensor[0]);
      long bytes = prepared.workspaceBytes();
      MemorySegment workspace = bytes == 0 ? MemorySegment.NULL : scratch.allocateBytes(bytes);
      run(prepared, arguments, outputs, new CallerContext(kernels.copies(), workspace));
      return List.of(outputs);
    }
  }

  /** What an operator is told of tensors whose values are all known. */
  public static OperatorInputs inputs(Operator operator, List<? extends @Nullable Tensor> inputs) {
    List<@Nullable TensorType> types = new ArrayList<>();
    for (Tensor input : inputs) {
      types.add(input == null ? null : input.type());
    }
    return new OperatorInputs(operator.name(), types, new ArrayList<@Nullable Tensor>(inputs));
  }

  @SuppressWarnings("NullAway") // a null input is an optional one left out, as run() documents
  private static void run(
      PreparedOperator prepared, @Nullable Tensor[] in, Tensor[] out, RunContext context) {
    prepared.run(in, out, context);
  }

  private record CallerContext(Copies copies, MemorySegment workspace) implements RunContext {
    @Override
    public ComputePool pool() {
      return ComputePool.CALLER;
    }

    @Override
    public BatchLayout batch() {
      return BatchLayout.full(1);
    }
  }

  /** Packs into scratch memory, which goes away with the evaluation. */
  private record ScratchContext(KernelSet kernels, OperatorInputs inputs, TensorArena scratch)
      implements PrepareContext {
    @Override
    public <T> T packed(int input, String form, Packer<T> pack) {
      return pack.pack(inputs.value(input), scratch);
    }

    @Override
    public <T> T shared(String key, Function<TensorArena, T> make) {
      return make.apply(scratch);
    }

    @Override
    public Optional<List<AxisRole>> axisRoles(int input) {
      return Optional.empty();
    }
  }
}
