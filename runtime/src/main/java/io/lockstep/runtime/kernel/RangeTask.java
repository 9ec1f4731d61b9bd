package io.lockstep.runtime.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call of a {@link ThreadedPool}: a range that several threads take pieces of. */
final class RangeTask {

  /** Times to look again before parking; some tens of microseconds. */
  static final int SPINS = 1000;

  private final ComputePool.RangeBody body;
  private final int count;
  private final int step;
  private final Thread caller = Thread.currentThread();

  /** The first unit that nobody has claimed; beyond {@code count} when all are. */
  private final AtomicInteger next = new AtomicInteger();

  private final AtomicInteger unfinished;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean isCallerParked;

  /**
   * A call of the current thread.
   *
   * @param step units in a piece
   */
  RangeTask(ComputePool.RangeBody body, int count, int step) {
    this.body = body;
    this.count = count;
    this.step = step;
    this.unfinished = new AtomicInteger(count);
  }

  boolean isClaimed() {
    return next.get() >= count;
  }

  /** Runs pieces until none is left to claim; a failure is kept for the caller. */
  void work() {
    while (true) {
      int from = next.get();
      if (from >= count) {
        return;
      }
      int to = from + Math.min(step, count - from);
      if (next.compareAndSet(from, to)) {
        run(from, to);
      }
    }
  }

  private void run(int from, int to) {
    try {
      if (failure.get() == null) {
        body.run(from, to);
      }
    } catch (Throwable e) { // a helper's outermost loop: the caller throws it again
      failure.compareAndSet(null, e);
    }
    if (unfinished.addAndGet(from - to) == 0 && isCallerParked) {
      LockSupport.unpark(caller);
    }
  }

  /** Returns when every piece is done; throws what the first failed one threw. */
  void awaitAll() {
    for (int spin = 0; unfinished.get() > 0 && spin < SPINS; spin++) {
      Thread.onSpinWait();
    }
    boolean wasInterrupted = false;
    while (unfinished.get() > 0) {
      isCallerParked = true;
      if (unfinished.get() > 0) {
        LockSupport.park(this);
        wasInterrupted |= Thread.interrupted();
      }
    }
    if (wasInterrupted) {
      caller.interrupt();
    }
    rethrow();
  }

  private void rethrow() {
    Throwable thrown = failure.get();
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
