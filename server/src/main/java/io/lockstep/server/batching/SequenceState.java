package io.lockstep.server.batching;

import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Owns the tensors that one sequence carries from step to step, outside the heap. There are two
 * sets: a run's outputs go into the one that is not in use, and {@link #commit} exchanges them, so
 * that a step that fails leaves nothing behind. Used by one thread, which made it.
 */
public final class SequenceState implements AutoCloseable {

  /** Memory that grows when a longer tensor comes. */
  private static final class Buffer {
    private @Nullable Arena arena;
    private MemorySegment memory = MemorySegment.NULL;

    /** Room for a tensor, whose old contents are lost. */
    @SuppressWarnings("MustBeClosedChecker") // closed with this
    Tensor of(TensorType type, SequenceRoom live) {
      if (arena == null || memory.byteSize() < type.bytes()) {
        long grown = arena == null ? 0 : memory.byteSize() + memory.byteSize() / 2;
        close(live);
        arena = Arena.ofConfined();
        memory = arena.allocate(Math.max(1, Math.max(type.bytes(), grown)), 64);
        live.bytesChanged(memory.byteSize());
      }
      return Tensor.of(type, memory.asSlice(0, type.bytes()));
    }

    void close(SequenceRoom live) {
      if (arena != null) {
        arena.close();
        arena = null;
        live.bytesChanged(-memory.byteSize());
        memory = MemorySegment.NULL;
      }
    }
  }

  private final SequenceRules rules;
  private final SequenceRoom live;
  private List<Buffer> used = new ArrayList<>(); // of each state
  private List<Buffer> spare = new ArrayList<>();
  private List<Tensor> current = List.of(); // one row of each state; empty before the first commit
  private List<Tensor> next = List.of();

  /**
   * Room for the state of a sequence; memory is taken when the first step has run.
   *
   * @param live counts its bytes
   */
  public SequenceState(SequenceRules rules, SequenceRoom live) {
    this.rules = rules;
    this.live = live;
    for (int i = 0; i < rules.states().size(); i++) {
      used.add(new Buffer());
      spare.add(new Buffer());
    }
  }

  /** The inputs of a step with the states in their places, as the last committed step left them. */
  public List<Tensor> into(List<Tensor> inputs) {
    List<Tensor> all = new ArrayList<>(inputs);
    for (int i = 0; i < current.size(); i++) {
      all.set(rules.states().get(i).input(), current.get(i));
    }
    return all;
  }

  /** Takes a row of a run's outputs as what the next step will read if this one is committed. */
  void prepare(BatchAssembler assembler, Binding run, int row) {
    List<Tensor> rows = new ArrayList<>();
    for (int i = 0; i < rules.states().size(); i++) {
      int output = rules.states().get(i).output();
      Tensor target = spare.get(i).of(assembler.rowType(run, output), live);
      assembler.copyRow(run, output, row, target);
      rows.add(target);
    }
    next = rows;
  }

  /** The step that was prepared has happened. */
  void commit() {
    List<Buffer> before = used;
    used = spare;
    spare = before;
    current = next;
    next = List.of();
  }

  @Override
  public void close() {
    used.forEach(buffer -> buffer.close(live));
    spare.forEach(buffer -> buffer.close(live));
    current = List.of();
    next = List.of();
  }
}
