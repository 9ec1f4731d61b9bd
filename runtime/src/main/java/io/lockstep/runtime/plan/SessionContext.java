package io.lockstep.runtime.plan;

import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import java.lang.foreign.MemorySegment;

/** The run context of one session; the session's thread changes it between steps. */
final class SessionContext implements RunContext {

  private final Copies copies;
  private final ComputePool pool;
  private MemorySegment workspace = MemorySegment.NULL;
  private BatchLayout batch = BatchLayout.full(1);

  SessionContext(Copies copies, ComputePool pool) {
    this.copies = copies;
    this.pool = pool;
  }

  void workspace(MemorySegment segment) {
    workspace = segment;
  }

  void batch(BatchLayout layout) {
    batch = layout;
  }

  @Override
  public Copies copies() {
    return copies;
  }

  @Override
  public ComputePool pool() {
    return pool;
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
