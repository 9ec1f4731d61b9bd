package io.lockstep.server.registry;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Versions that finish what they have, each on a thread of its own: a sequence may be silent and a
 * long text be written for the whole drain time-out, and other models are to load meanwhile.
 */
final class Drains {

  private static final Logger LOGGER = System.getLogger(Drains.class.getName());

  private final Duration patience;
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();

  /**
   * Nothing drains yet.
   *
   * @param patience how long {@link #run} waits, so that what is soon over is over when it returns
   */
  Drains(Duration patience) {
    this.patience = patience;
  }

  /** Begins to drain. */
  Thread start(String version, Runnable drain) {
    Thread thread =
        Thread.ofVirtual()
            .name("drain-" + version)
            .unstarted(() -> {
              try {
                drain.run();
              } catch (RuntimeException problem) { // others go on
                LOGGER.log(Logger.Level.ERROR, "unloading " + version + " failed", problem);
              } finally {
                running.remove(Thread.currentThread());
              }
            });
    running.add(thread);
    thread.start();
    return thread;
  }

  /** Drains, and waits for it unless it takes long. */
  void run(String version, Runnable drain) {
    try {
      start(version, drain).join(patience);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until nothing drains any more. */
  void awaitAll() {
    try {
      for (Thread thread : List.copyOf(running)) {
        thread.join();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
