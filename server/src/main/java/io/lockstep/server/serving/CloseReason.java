package io.lockstep.server.serving;

/** Why a batch was closed and run when it was. */
public enum CloseReason {
  /** No more rows fitted. */
  FULL("full"),
  /** The oldest request had waited max_queue_delay. */
  DELAY("delay"),
  /** The instance was free and no delay is configured: whatever was there went. */
  IDLE("idle"),
  /** Waiting longer would have cost a member its deadline. */
  DEADLINE("deadline"),
  /** The model is being unloaded or the server stopped: nothing waits any more. */
  DRAIN("drain");

  private final String label;

  CloseReason(String label) {
    this.label = label;
  }

  /** The name in headers and metrics. */
  public String label() {
    return label;
  }
}
