package io.lockstep.server.api;

import io.lockstep.server.serving.Readiness;

/** Ready until told to drain. */
public final class FakeReadiness implements Readiness {

  private volatile boolean draining;

  /** Starts or ends draining. */
  public void drain(boolean wanted) {
    draining = wanted;
  }

  @Override
  public boolean isReady() {
    return !draining;
  }

  @Override
  public boolean isDraining() {
    return draining;
  }
}
