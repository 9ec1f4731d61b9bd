package io.lockstep.loadtest.traffic;

/** Requests of one kind. */
public interface Traffic {

  /** The path they go to, with a leading slash. */
  String path();

  /** The JSON of request {@code number}; the same number gives the same body. */
  String body(long number);

  /** Whether answers are streams of events. */
  boolean isStreamed();
}
