package io.lockstep.server.dispatch;

/**
 * Which runs are so quick that the thread of a request may as well do them itself: those of inputs
 * no larger than some that were seen to be. Whoever has the instance's turn tells, anybody asks.
 */
final class QuickRuns {

  /**
   * About what handing a request to another thread and back costs in processor time. Those that
   * wait for the instance's thread may share a run; one that takes longer than this would be worth
   * sharing, and would keep one of the few threads that all requests share from others.
   */
  static final long QUICK_NANOS = 50_000;

  private volatile long bytes = -1;

  /** A run of so many bytes of inputs took so long. */
  void ran(long inputBytes, long nanos) {
    if (nanos > QUICK_NANOS) {
      bytes = Math.min(bytes, inputBytes - 1);
    } else if (inputBytes > bytes) {
      bytes = inputBytes;
    }
  }

  /** Whether a run of so many bytes of inputs is known to be quick. */
  boolean isQuick(long inputBytes) {
    return inputBytes <= bytes;
  }
}
