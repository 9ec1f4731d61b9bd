package io.lockstep.server.metrics;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import java.time.Duration;

/** Makes every meter of the server have a series, by telling of a request, a batch and a token. */
final class FilledMetrics {

  private FilledMetrics() {}

  static void fill(ServingMetrics metrics) {
    metrics.computeOn(new FakePool(2, 1));
    metrics.rejected("draining");
    VersionMeters version = metrics.versionLoaded("m", "1", new FakeLoad(1));
    version.batchFormed(3, 2, CloseReason.FULL);
    version.batchPadded(30, 18);
    version.batchRun(1000);
    version.queueWasFull();
    GenerationMeters generation =
        metrics.generationLoaded("m", "1", new FakeGeneration(1, 2, 3, 4));
    generation.firstToken(1000);
    generation.finished("stop", 2000);
    FakeTicker ticker = new FakeTicker();
    PhaseClock clock = PhaseClock.start(ticker);
    for (Phase phase : Phase.values()) {
      ticker.advance(Duration.ofMillis(1));
      clock.mark(phase);
    }
    metrics.requestFinished(new AnsweredRequest("m", "1", "v2", "success", null, clock), null);
  }
}
