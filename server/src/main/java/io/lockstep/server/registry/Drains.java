package io.lockstep.server.registry;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Versions that finish what they have, each on a thread of its own: a sequence may be silent and a
 * long text be written for the whole drain time-out, and other models are to load meanwhile.
 */
final class Drains {

  private static final Logger LOGGER = System.getLogger(Drains.class.getName());

  private final Executor threads;
  private final Duration patience;
  private final Set<CountDownLatch> running = ConcurrentHashMap.newKeySet();

  /**
   * Nothing drains yet.
   *
   * @param threads starts one for each version
   * @param patience how long {@link #run} waits, so that what is soon over is over when it returns
   */
  Drains(Executor threads, Duration patience) {
    this.threads = threads;
    this.patience = patience;
  }

  /** Begins to drain a version. */
  void start(String version, Runnable drain) {
    begin(version, drain);
  }

  /** Drains a version, and waits for it unless it takes long. */
  void run(String version, Runnable drain) {
    CountDownLatch drained = begin(version, drain);
    try {
      if (!drained.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        LOGGER.log(Logger.Level.DEBUG, "{0} goes on draining", version);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until nothing drains any more. */
  void awaitAll() {
    try {
      for (CountDownLatch drained : List.copyOf(running)) {
        drained.await();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private CountDownLatch begin(String version, Runnable drain) {
    CountDownLatch drained = new CountDownLatch(1);
    running.add(drained);
    threads.execute(() -> {
      try {
        drain.run();
      } catch (RuntimeException problem) { // others go on
        LOGGER.log(Logger.Level.ERROR, "unloading " + version + " failed", problem);
      } finally {
        running.remove(drained);
        drained.countDown();
      }
    });
    return drained;
  }
}
