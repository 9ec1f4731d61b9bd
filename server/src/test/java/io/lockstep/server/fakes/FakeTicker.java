package io.lockstep.server.fakes;

import io.lockstep.server.serving.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so. */
public final class FakeTicker implements Ticker {

  private final AtomicLong nanos = new AtomicLong(1_000_000);

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public long epochMillis() {
    return 1_700_000_000_000L + nanos.get() / 1_000_000;
  }

  public void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
