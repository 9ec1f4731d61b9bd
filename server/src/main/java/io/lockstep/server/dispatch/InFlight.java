package io.lockstep.server.dispatch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The door of a model version: counts requests inside, and can be closed for good. */
final class InFlight {

  private static final long CLOSED = 1L << 62;

  private final AtomicLong state = new AtomicLong(); // requests inside, plus CLOSED
  private final CountDownLatch empty = new CountDownLatch(1);

  /** Lets a request in; false when the door is closed. */
  boolean enter() {
    long seen = state.get();
    while (seen < CLOSED) {
      if (state.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = state.get();
    }
    return false;
  }

  void leave() {
    if (state.decrementAndGet() == CLOSED) {
      empty.countDown();
    }
  }

  /** Lets nobody in any more. */
  void close() {
    long before = state.getAndUpdate(seen -> seen < CLOSED ? seen + CLOSED : seen);
    if (before == 0 || before == CLOSED) {
      empty.countDown();
    }
  }

  boolean isClosed() {
    return state.get() >= CLOSED;
  }

  /** Waits until all have left after {@link #close}; false when the time is over before. */
  boolean awaitEmpty(Duration timeout) throws InterruptedException {
    return empty.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }
}
