package io.lockstep.server.http;

import java.util.concurrent.ThreadFactory;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.eclipse.jetty.util.thread.TryExecutor;

/**
 * Gives everything that Jetty has to do a virtual thread. Because there is always one to be had,
 * the thread that finds a request on a connection handles it at once, with its bytes in the
 * processor's cache, and another one goes on looking for requests; otherwise the request would be
 * the one to be handed over.
 */
final class RequestThreads implements ThreadPool, TryExecutor {

  private final ThreadFactory threads = Thread.ofVirtual().name("request").factory();

  @Override
  public void execute(Runnable task) {
    threads.newThread(task).start();
  }

  @Override
  public boolean tryExecute(Runnable task) {
    execute(task);
    return true;
  }

  /** Does not wait: threads end with their tasks, and the server waits for its connections. */
  @Override
  public void join() {}

  /** Not known; Jetty has these numbers for its monitors. */
  @Override
  public int getThreads() {
    return 0;
  }

  @Override
  public int getIdleThreads() {
    return 0;
  }

  @Override
  public boolean isLowOnThreads() {
    return false;
  }
}
