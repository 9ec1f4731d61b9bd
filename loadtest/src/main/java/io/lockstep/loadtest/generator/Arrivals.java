package io.lockstep.loadtest.generator;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;

/** When the requests of an open loop arrive, whether or not earlier ones are answered. */
public enum Arrivals {
  /** Evenly spaced. */
  CONSTANT,
  /** As from many independent clients: exponential gaps. */
  POISSON,
  /** Ten times the rate in the first tenth of each second, nobody in the rest of it. */
  BURSTY;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int BURST_FACTOR = 10;

  /**
   * Intended times, the same for the same seed.
   *
   * @param perSecond mean rate
   * @return nanoseconds from the start, ascending, each below {@code duration}
   */
  public long[] times(double perSecond, Duration duration, long seed) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("rate: expected more than 0 per second, got " + perSecond);
    }
    Random random = new Random(seed);
    double gap = NANOS_PER_SECOND / perSecond;
    LongStream.Builder times = LongStream.builder();
    double first = this == CONSTANT ? gap / 2 : step(gap, random);
    for (double at = first; at < duration.toNanos(); at += step(gap, random)) {
      times.add(placed(at));
    }
    return times.build().toArray();
  }

  private double step(double gap, Random random) {
    return switch (this) {
      case CONSTANT -> gap;
      // Inverse of the exponential distribution; 1 - u is never 0.
      case POISSON, BURSTY -> -gap * Math.log(1 - random.nextDouble());
    };
  }

  /** Where an arrival is put: bursts squeeze those of a second into its beginning. */
  private long placed(double at) {
    return switch (this) {
      case CONSTANT, POISSON -> (long) at;
      case BURSTY -> {
        double begin = Math.floor(at / NANOS_PER_SECOND) * NANOS_PER_SECOND;
        yield (long) (begin + (at - begin) / BURST_FACTOR);
      }
    };
  }
}
