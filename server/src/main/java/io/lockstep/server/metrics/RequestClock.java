package io.lockstep.server.metrics;

import io.micrometer.core.instrument.Clock;

/**
 * The wall clock of the meters, which is read once for each request. They ask for it twice in every
 * recording, and only to know which of the last minutes it belongs to.
 */
final class RequestClock implements Clock {

  private volatile long millis;

  RequestClock() {
    read();
  }

  /** Looks at the time that {@link #wallTime} tells from here on. */
  void read() {
    millis = SYSTEM.wallTime();
  }

  @Override
  public long wallTime() {
    return millis;
  }

  @Override
  public long monotonicTime() {
    return SYSTEM.monotonicTime();
  }
}
