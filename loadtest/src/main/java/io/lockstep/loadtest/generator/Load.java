package io.lockstep.loadtest.generator;

import java.time.Duration;
import java.util.Locale;

/** How much is asked of a server at a time. */
public sealed interface Load {

  /** A short name for tables and plots. */
  String label();

  /**
   * An open loop: requests come at their times, however slow the answers are.
   *
   * @param perSecond mean rate
   */
  record Open(Arrivals arrivals, double perSecond) implements Load {

    long[] times(Duration duration, long seed) {
      return arrivals.times(perSecond, duration, seed);
    }

    @Override
    public String label() {
      return "%s/s %s".formatted(rate(), arrivals.name().toLowerCase(Locale.ROOT));
    }

    private String rate() {
      return perSecond == Math.rint(perSecond)
          ? Long.toString((long) perSecond)
          : String.format(Locale.ROOT, "%.1f", perSecond);
    }
  }

  /**
   * A closed loop: each client sends its next request when its last one is answered.
   *
   * @param clients how many at once
   */
  record Closed(int clients) implements Load {

    public Closed {
      if (clients < 1) {
        throw new IllegalArgumentException("clients: expected 1 or more, got " + clients);
      }
    }

    @Override
    public String label() {
      return clients == 1 ? "1 client" : clients + " clients";
    }
  }
}
