package io.lockstep.server.metrics;

/** A compute pool of which everything is known. */
record FakePool(int threads, long busyNanos) implements ComputeLoad {}
