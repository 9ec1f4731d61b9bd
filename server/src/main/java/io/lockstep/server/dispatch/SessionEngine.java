package io.lockstep.server.dispatch;

import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.server.generation.StepEngine;
import java.lang.foreign.MemorySegment;

/** A session of the runtime as the batcher sees it. */
record SessionEngine(DecoderSession session, int vocabulary) implements StepEngine {

  @Override
  public BlockAllocator blocks() {
    return session.blocks();
  }

  @Override
  public MemorySegment forward(StepBatch batch) {
    return session.forward(batch);
  }
}
