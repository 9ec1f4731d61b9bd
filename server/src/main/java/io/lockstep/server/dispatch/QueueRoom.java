package io.lockstep.server.dispatch;

import java.util.concurrent.atomic.AtomicInteger;

/** How many rows wait for a model version, and how many may. Safe for any number of threads. */
final class QueueRoom {

  private final int maxRows;
  private final AtomicInteger rows = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();

  QueueRoom(int maxRows) {
    this.maxRows = maxRows;
  }

  /**
   * Takes room for rows of some requests, all or nothing. A request larger than the whole queue is
   * let into an empty one: it would otherwise be told to try again for ever.
   */
  boolean tryTake(int newRows, int newRequests) {
    int waiting = rows.get();
    do {
      if (waiting > 0 && waiting + newRows > maxRows) {
        return false;
      }
      int seen = rows.compareAndExchange(waiting, waiting + newRows);
      if (seen == waiting) {
        requests.addAndGet(newRequests);
        return true;
      }
      waiting = seen;
    } while (true);
  }

  void release(int oldRows, int oldRequests) {
    rows.addAndGet(-oldRows);
    requests.addAndGet(-oldRequests);
  }

  int rows() {
    return rows.get();
  }

  int requests() {
    return requests.get();
  }

  int maxRows() {
    return maxRows;
  }
}
