package io.lockstep.server.batching;

import io.lockstep.server.serving.SequenceId;

/** How many sequences a model version may have, and the memory they take; shared by instances. */
public interface SequenceRoom {

  /** Takes room for a sequence; false when there is none. */
  boolean tryAdd(SequenceId id);

  /** Gives the room of a sequence back. */
  void remove(SequenceId id);

  /** The most sequences there may be. */
  int max();

  /** Native memory was taken, or given back when {@code change} is negative. */
  void bytesChanged(long change);
}
