package io.lockstep.runtime.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A pool of a fixed number of threads: the caller and its helpers, which wait for work by spinning
 * briefly, then parking. Any number of threads may call at once, also from inside a body; a caller
 * that finds no helper free does its work alone.
 */
public final class ThreadedPool implements ComputePool, AutoCloseable {

  /*
   * A caller never waits for a helper to arrive, only for ranges that a helper has begun: whoever
   * is awake claims the next range of the task, so a helper that wakes late finds nothing left.
   * Each caller inside takes the place of one helper, so that no more than `threads` threads work
   * at once however many models share the pool; only a caller that comes while helpers are already
   * at work exceeds that, until their ranges end.
   */

  /** Ranges per thread that a call is cut into, so that a thread that is held up delays little. */
  private static final int RANGES_PER_THREAD = 4;

  private final Helper[] helpers;
  private final AtomicInteger callers = new AtomicInteger();
  private final LongAdder busyNanos = new LongAdder();

  /**
   * Starts the helpers.
   *
   * @param threads how many threads work at once, the caller's included; at least 1
   */
  public ThreadedPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a pool needs at least 1 thread but got " + threads);
    }
    helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper("lockstep-compute-" + (i + 1), busyNanos);
    }
  }

  @Override
  public int threads() {
    return helpers.length + 1;
  }

  @Override
  public void parallelFor(int count, int grain, RangeBody body) {
    if (count <= 0) {
      return;
    }
    int useful = (int) Math.min(threads(), ((long) count + grain - 1) / Math.max(1, grain));
    int busy = callers.incrementAndGet();
    try {
      int wanted = Math.min(useful, threads() - busy + 1) - 1;
      if (wanted <= 0) {
        final long start = System.nanoTime();
        body.run(0, count);
        busyNanos.add(System.nanoTime() - start);
      } else {
        share(count, grain, wanted, body);
      }
    } finally {
      callers.decrementAndGet();
    }
  }

  private void share(int count, int grain, int wanted, RangeBody body) {
    int ranges = (wanted + 1) * RANGES_PER_THREAD;
    RangeTask task = new RangeTask(body, count, Math.max(grain, (count - 1) / ranges + 1));
    for (int i = 0, found = 0; i < helpers.length && found < wanted; i++) {
      found += helpers[i].offer(task) ? 1 : 0;
    }
    final long start = System.nanoTime();
    task.work();
    busyNanos.add(System.nanoTime() - start);
    task.awaitAll();
  }

  /**
   * Nanoseconds that threads spent in bodies, all threads together. A call from inside a body
   * counts in both.
   */
  public long busyNanos() {
    return busyNanos.sum();
  }

  /** Ends the helpers; later calls run on their caller alone. */
  @Override
  public void close() {
    for (Helper helper : helpers) {
      helper.close();
    }
  }
}
