package io.lockstep.server.serving;

/** Whether the server as a whole wants traffic. */
public interface Readiness {

  /**
   * True once every model of the repository has been tried and at least as many as configured are
   * ready; false again while draining.
   */
  boolean isReady();

  /** True from the stop signal on: readiness is false and new work gets 503. */
  boolean isDraining();
}
