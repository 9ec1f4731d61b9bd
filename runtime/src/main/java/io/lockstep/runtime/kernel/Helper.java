package io.lockstep.runtime.kernel;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread of a {@link ThreadedPool} that works on one task at a time. */
final class Helper {

  /** The task to work on; null while there is none. */
  private final AtomicReference<@Nullable RangeTask> task = new AtomicReference<>();

  private final LongAdder busyNanos;
  private final Thread thread;
  private volatile boolean isParked;
  private volatile boolean isClosed;

  /**
   * Starts the thread.
   *
   * @param busyNanos is added the time that it spends on tasks
   */
  Helper(String name, LongAdder busyNanos) {
    this.busyNanos = busyNanos;
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::serve);
    thread.start();
  }

  /** Gives it a task; false when it is busy with another one. */
  boolean offer(RangeTask offered) {
    RangeTask current = task.get();
    if (isClosed
        || (current != null && !current.isClaimed())
        || !task.compareAndSet(current, offered)) {
      return false;
    }
    if (isParked) {
      LockSupport.unpark(thread);
    }
    return true;
  }

  private void serve() {
    int spins = 0;
    while (!isClosed) {
      RangeTask current = task.get();
      if (current != null) {
        final long start = System.nanoTime();
        current.work();
        busyNanos.add(System.nanoTime() - start);
        task.compareAndSet(current, null);
        spins = 0;
      } else if (spins++ < RangeTask.SPINS) {
        Thread.onSpinWait();
      } else {
        isParked = true;
        if (task.get() == null && !isClosed) {
          LockSupport.park(this);
        }
        isParked = false;
        spins = 0;
      }
    }
  }

  void close() {
    isClosed = true;
    LockSupport.unpark(thread);
  }
}
