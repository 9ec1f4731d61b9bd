package io.lockstep.server.serving;

/**
 * Where a model version is in its life.
 *
 * @param reason why it failed, or why a newer form of a ready version did; for people
 */
public record ModelStatus(String name, String version, State state, String reason) {

  /** The life of a version; one that is unloaded disappears from the list. */
  public enum State {
    LOADING,
    READY,
    /** No longer takes requests and finishes those it has. */
    DRAINING,
    FAILED
  }

  public boolean isReady() {
    return state == State.READY;
  }
}
