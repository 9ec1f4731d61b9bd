package io.lockstep.server.serving;

/** A source of time; tests bring their own. */
public interface Ticker {

  /** Monotonic nanoseconds from an arbitrary origin; only differences mean anything. */
  long nanos();

  /** Wall-clock milliseconds since 1970, for showing to people. */
  long epochMillis();
}
