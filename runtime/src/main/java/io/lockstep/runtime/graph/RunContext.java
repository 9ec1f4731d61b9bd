package io.lockstep.runtime.graph;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import java.lang.foreign.MemorySegment;

/** What a step may use while a plan runs. */
public interface RunContext {

  /** Moves elements. */
  Copies copies();

  /** The threads that large steps are split over. */
  ComputePool pool();

  /** The pool if it has no more than so many threads, else none but the calling one. */
  default ComputePool poolOf(int threads) {
    return pool().threads() <= threads ? pool() : ComputePool.CALLER;
  }

  /** At least {@link PreparedOperator#workspaceBytes()} bytes, 64-byte aligned, uninitialised. */
  MemorySegment workspace();

  /** How many items of the batch this run holds and how long each of them is. */
  BatchLayout batch();
}
