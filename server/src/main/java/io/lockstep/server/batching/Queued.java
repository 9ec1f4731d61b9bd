package io.lockstep.server.batching;

import io.lockstep.server.serving.Deadline;

/** What deciding about batches takes to know of a piece of waiting work. */
public interface Queued {

  /** Rows it adds to a batch, at most {@link #maxBatchRows}. */
  int rows();

  /** Rows of the largest batch it may be in; the same for all of one key. */
  int maxBatchRows();

  /** Lower numbers go first. */
  int priority();

  /** When the request arrived, not when somebody came to look at it. */
  long arrivalNanos();

  Deadline deadline();

  /** Whether nobody waits for it any more. */
  boolean isCancelled();

  /** Work may share a batch when the keys are equal. */
  Object key();
}
