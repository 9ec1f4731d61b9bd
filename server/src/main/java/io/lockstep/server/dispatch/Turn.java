package io.lockstep.server.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to touch what belongs to an instance. Whoever takes it sees all that was done by those
 * who had it before.
 */
final class Turn {

  private final AtomicBoolean taken = new AtomicBoolean();

  /** Takes the turn unless somebody has it. */
  boolean take() {
    return !taken.get() && taken.compareAndSet(false, true);
  }

  /**
   * Gives it back. What others left to be found meanwhile, such as a request in the inbox of one
   * who was refused the turn, is seen by those who look for it after this.
   */
  void give() {
    taken.set(false);
  }
}
