package io.lockstep.runtime;

import java.util.Map;

/**
 * A loaded model that answers tensors with tensors. Holds the weights, which all its sessions
 * share; closing it gives their memory back and must wait until its sessions are closed.
 */
public interface GraphModel extends AutoCloseable {

  ModelSignature signature();

  BatchTraits batchTraits();

  /** How often each operator occurs after rewriting, by name, most frequent first. */
  Map<String, Integer> operators();

  /** The number of elements of all weights. */
  long parameters();

  MemoryUse memory();

  /** A session for one thread at a time; each has its own activation memory. */
  GraphSession newSession();

  @Override
  void close();

  /**
   * Native memory that a model holds, in bytes.
   *
   * @param weights constants, packed forms included
   * @param mapped bytes of model files still mapped
   * @param activations arenas of all open sessions
   */
  record MemoryUse(long weights, long mapped, long activations) {

    public long total() {
      return weights + mapped + activations;
    }
  }
}
