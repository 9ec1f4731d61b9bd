package io.lockstep.server.registry;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Versions that finish what they have, each on a thread of its own: a sequence may be silent and a
 * long text be written for the whole drain time-out, and other models are to load meanwhile.
 */
final class Drains {

  private static final Logger LOGGER = System.getLogger(Drains.class.getName());

  private final Executor threads;
  private final Duration patience;
  private final Set<CompletableFuture<Void>> running = ConcurrentHashMap.newKeySet();

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
  CompletableFuture<Void> start(String version, Runnable drain) {
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(drain, threads)
            .exceptionally(problem -> { // others go on
              LOGGER.log(Logger.Level.ERROR, "unloading " + version + " failed", problem);
              return null;
            });
    running.add(drained);
    drained.thenRun(() -> running.remove(drained));
    return drained;
  }

  /** Drains a version, and waits for it unless it takes long. */
  void run(String version, Runnable drain) {
    CompletableFuture<Void> drained = start(version, drain);
    try {
      drained.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException later) {
      LOGGER.log(Logger.Level.DEBUG, "{0} goes on draining", version);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("problems of draining are logged", impossible);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until nothing drains any more. */
  void awaitAll() {
    CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
  }
}
