package io.lockstep.server.metrics;

/** What is read of the compute pool at each scrape; cheap and safe from any thread. */
public interface ComputeLoad {

  /** Threads that compute. */
  int threads();

  /** Nanoseconds that threads spent computing, all threads together. */
  long busyNanos();
}
