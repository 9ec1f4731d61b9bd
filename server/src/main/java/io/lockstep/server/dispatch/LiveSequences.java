package io.lockstep.server.dispatch;

import io.lockstep.server.batching.SequenceRoom;
import io.lockstep.server.serving.SequenceId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sequences of a model version, over all its instances, those included whose first step is on
 * its way. Safe for any number of threads.
 */
final class LiveSequences implements SequenceRoom {

  private final int max;
  private final Set<SequenceId> ids = ConcurrentHashMap.newKeySet();
  private final AtomicLong bytes = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean abandoned;

  LiveSequences(int max) {
    this.max = max;
  }

  @Override
  public int max() {
    return max;
  }

  @Override
  public boolean tryAdd(SequenceId id) {
    lock.lock();
    try {
      return ids.size() < max && ids.add(id);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(SequenceId id) {
    lock.lock();
    try {
      ids.remove(id);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int count() {
    return ids.size();
  }

  boolean contains(SequenceId id) {
    return ids.contains(id);
  }

  /** Nobody needs to wait for the end of these sequences any more. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is none or nobody needs to; the nanoseconds that are left of the time-out.
   */
  long awaitNone(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!ids.isEmpty() && !abandoned && left > 0) {
        left = changed.awaitNanos(left);
      }
      return Math.max(0, left);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void bytesChanged(long change) {
    bytes.addAndGet(change);
  }

  /** Native bytes of all states. */
  long bytes() {
    return bytes.get();
  }
}
