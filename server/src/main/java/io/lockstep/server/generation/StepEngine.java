package io.lockstep.server.generation;

import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.StepBatch;
import java.lang.foreign.MemorySegment;

/** A decoder as the batcher sees it; used by one thread. */
public interface StepEngine {

  /** Logits of a token. */
  int vocabulary();

  /** Who holds which block of the engine's cache. */
  BlockAllocator blocks();

  /**
   * Computes a step.
   *
   * @return float [batch.wantedRows, vocabulary], valid until the next call
   */
  MemorySegment forward(StepBatch batch);
}
