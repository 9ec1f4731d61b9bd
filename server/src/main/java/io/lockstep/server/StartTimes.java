package io.lockstep.server;

import io.lockstep.server.serving.Ticker;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What a start took, counted from the start of the process. */
final class StartTimes {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Ticker ticker;
  private final long processStartNanos;
  private final double untilCreated; // seconds
  private volatile double untilListening; // seconds

  /** Of a server that is about to be put together. */
  StartTimes(Ticker ticker) {
    this.ticker = ticker;
    long uptimeMillis = ManagementFactory.getRuntimeMXBean().getUptime();
    this.processStartNanos = ticker.nanos() - uptimeMillis * 1_000_000;
    this.untilCreated = seconds();
  }

  private double seconds() {
    return (ticker.nanos() - processStartNanos) / NANOS_PER_SECOND;
  }

  void listening() {
    untilListening = seconds();
  }

  /** For the log, once all models have been tried. */
  String ready() {
    return String.format(
        Locale.ROOT,
        "after %.2f s (JVM and settings %.2f s, listening after %.2f s)",
        seconds(),
        untilCreated,
        untilListening);
  }
}
