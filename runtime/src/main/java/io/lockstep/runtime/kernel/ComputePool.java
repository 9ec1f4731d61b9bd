package io.lockstep.runtime.kernel;

/**
 * The compute threads of the process. Work is split over independent rows or panels, never over a
 * reduction, so that results do not depend on the number of threads.
 */
public interface ComputePool {

  /** A pool that runs everything on the calling thread. */
  ComputePool CALLER = new CallerPool();

  /** How many threads take part, the caller's included. */
  int threads();

  /**
   * Runs {@code body} over [0, count) in disjoint ranges and returns when all are done.
   *
   * @param count how many independent units there are
   * @param grain the smallest range worth handing to another thread
   */
  void parallelFor(int count, int grain, RangeBody body);

  /** Work over the units [from, to). */
  @FunctionalInterface
  interface RangeBody {
    void run(int from, int to);
  }
}
