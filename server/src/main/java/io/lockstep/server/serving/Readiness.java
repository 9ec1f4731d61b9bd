package io.lockstep.server.serving;

/** Whether the server as a whole wants traffic. */
public interface Readiness {

  /**
   * True once every model of the repository has been tried and, if there are any, at least one is
   * ready; false again while draining.
   */
  boolean isReady();

  /** True from the stop signal on: readiness is false and new work gets 503. */
  boolean isDraining();
}
