package io.lockstep.server.serving;

/** The machine's clocks. The only class of the server that reads them. */
public final class SystemTicker implements Ticker {

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }
}
