package io.lockstep.server.metrics;

/** What gauges read of a model that generates at each scrape; cheap and safe from any thread. */
public interface GenerationLoad {

  /** Sequences being generated. */
  long runningSequences();

  /** Sequences that wait for their first step, or for blocks. */
  long waitingSequences();

  /** Blocks of the key-value cache that hold sequences. */
  long usedBlocks();

  /** Blocks of the key-value cache. */
  long totalBlocks();
}
