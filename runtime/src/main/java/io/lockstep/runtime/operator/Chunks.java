package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.ComputePool;

/** Splits a long array of independent elements over the pool. */
final class Chunks {

  /** Elements that are worth a thread of their own. */
  static final int GRAIN = 16384;

  private Chunks() {}

  /** Work on {@code count} elements from {@code first} on. */
  @FunctionalInterface
  interface Body {
    void run(long first, long count);
  }

  static void forEach(ComputePool pool, long size, Body body) {
    if (size <= GRAIN) {
      body.run(0, size);
      return;
    }
    int chunks = Math.toIntExact((size + GRAIN - 1) / GRAIN);
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          long first = (long) from * GRAIN;
          body.run(first, Math.min(size, (long) to * GRAIN) - first);
        });
  }

  /** The fewest rows of this length that are worth a thread of their own. */
  static int grainRows(long rowLength) {
    return (int) Math.max(1, GRAIN / Math.max(1, rowLength));
  }
}
