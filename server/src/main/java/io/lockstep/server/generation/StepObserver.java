package io.lockstep.server.generation;

/** Told what the batcher does, for measuring it; on the batcher's thread. */
public interface StepObserver {

  /** A sequence starts, or starts again: so many of its tokens were in the cache. */
  void started(int tokens, int cachedTokens);

  /** A sequence has a token. */
  void token(Sequence sequence, long nowNanos);

  /** A step was computed. */
  void stepped(int tokens, int sequences);

  /** A sequence gave its blocks up to others. */
  void preempted();

  /** A sequence is over, because of a word such as stop, length, cancelled, error. */
  void over(Sequence sequence, String reason, long nowNanos);

  /** A step failed for a reason that is no request's fault. */
  void failed(RuntimeException problem);
}
