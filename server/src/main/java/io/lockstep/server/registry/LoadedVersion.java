package io.lockstep.server.registry;

import io.lockstep.server.serving.ModelDescription;

/** A version that is loaded, checked and warm, but not yet serving. */
public sealed interface LoadedVersion permits LoadedGraph, LoadedDecoder {

  ModelDescription description();

  /** How it batches, for people. */
  String batching();

  /** Gives the model's memory back; what serves it must have been retired before. */
  void close();
}
