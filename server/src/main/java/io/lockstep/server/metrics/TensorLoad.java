package io.lockstep.server.metrics;

/** The same of a version that answers tensors with tensors. */
public interface TensorLoad extends VersionLoad {

  /** Native bytes of the states of sequences. */
  long sequenceBytes();

  /** Sequences alive. */
  long liveSequences();

  /** Plans kept, over all instances. */
  long keptPlans();

  /** Runs whose plan was kept. */
  long planHits();

  /** Runs whose plan had to be made. */
  long planMisses();
}
