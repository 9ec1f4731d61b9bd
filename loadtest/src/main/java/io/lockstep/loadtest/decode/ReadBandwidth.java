package io.lockstep.loadtest.decode;

import io.lockstep.runtime.kernel.ThreadedPool;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** How fast this machine reads memory: by comparing two equal arrays that no cache holds. */
public final class ReadBandwidth {

  private static final int NUMBERS = 32 << 20;
  private static final int PIECE = 1 << 14;
  private static final int TURNS = 12;

  private ReadBandwidth() {}

  /** Bytes a second, the best of some turns. */
  public static double measure(int threads) {
    int[] numbers = new int[NUMBERS];
    int[] others = new int[NUMBERS];
    AtomicInteger unequal = new AtomicInteger();
    double best = 0;
    try (ThreadedPool pool = new ThreadedPool(threads)) {
      for (int turn = 0; turn < TURNS; turn++) {
        final long start = System.nanoTime();
        pool.parallelFor(
            NUMBERS / PIECE,
            1,
            (from, to) -> {
              for (int i = from * PIECE; i < to * PIECE; i += PIECE) {
                if (!Arrays.equals(numbers, i, i + PIECE, others, i, i + PIECE)) {
                  unequal.incrementAndGet();
                }
              }
            });
        best = Math.max(best, 2.0 * NUMBERS * Integer.BYTES * 1e9 / (System.nanoTime() - start));
      }
    }
    if (unequal.get() > 0) {
      throw new AssertionError("arrays of zeros differ");
    }
    return best;
  }
}
