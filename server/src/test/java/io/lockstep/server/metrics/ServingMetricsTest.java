package io.lockstep.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ServingMetricsTest {

  private final ServingMetrics metrics = new ServingMetrics();
  private final FakeTicker ticker = new FakeTicker();

  /** A load whose every number is the same. */
  private record Load(long queuedRows) implements VersionLoad {
    @Override
    public long queuedRequests() {
      return queuedRows;
    }

    @Override
    public long weightBytes() {
      return queuedRows;
    }

    @Override
    public long mappedBytes() {
      return queuedRows;
    }

    @Override
    public long activationBytes() {
      return queuedRows;
    }
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  private void scrapes(String line) {
    assertTrue(metrics.scrape().lines().anyMatch(line::equals), metrics.scrape());
  }

  @Test
  void durationsHaveThirtyFiveBucketsFromFifteenMicroseconds() {
    assertEquals(35, ServingMetrics.DURATION_BUCKETS.length);
    assertEquals(Duration.ofNanos(15_000), ServingMetrics.DURATION_BUCKETS[0]);
    assertEquals(Duration.ofNanos(22_500), ServingMetrics.DURATION_BUCKETS[1]);
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(Duration.ofNanos(20_000));
    clock.mark(Phase.INFER);
    metrics.versionLoaded("m", "1", new Load(0));
    metrics.requestFinished("m", "1", "v2", "success", clock);
    String tags = "model=\"m\",phase=\"infer\",protocol=\"v2\",version=\"1\"";
    scrapes("lockstep_request_phase_seconds_bucket{" + tags + ",le=\"1.5E-5\"} 0");
    scrapes("lockstep_request_phase_seconds_bucket{" + tags + ",le=\"2.25E-5\"} 1");
  }

  @Test
  void requestsAreCountedByModelProtocolAndOutcome() {
    metrics.versionLoaded("m", "1", new Load(0));
    PhaseClock clock = PhaseClock.start(ticker);
    metrics.requestFinished("m", "1", "openai", "success", clock);
    metrics.requestFinished("m", "1", "openai", "overloaded", clock);
    scrapes(
        "lockstep_requests_total"
            + "{model=\"m\",outcome=\"overloaded\",protocol=\"openai\",version=\"1\"} 1.0");
  }

  @Test
  void modelsThatDoNotExistMakeNoSeries() {
    PhaseClock clock = PhaseClock.start(ticker);
    metrics.requestFinished("made-up", "1", "v2", "model_not_found", clock);
    metrics.requestFinished(null, null, "v2", "invalid_argument", clock);
    assertFalse(metrics.scrape().contains("made-up"));
    scrapes(
        "lockstep_requests_total{model=\"unknown\",outcome=\"invalid_argument\","
            + "protocol=\"v2\",version=\"unknown\"} 1.0");
  }

  @Test
  void batchesAreCountedByRowsReasonAndPadding() {
    VersionMeters meters = metrics.versionLoaded("m", "1", new Load(0));
    meters.batchFormed(3, CloseReason.FULL);
    meters.batchPadded(30, 18);
    scrapes("lockstep_batch_rows_bucket{model=\"m\",version=\"1\",le=\"4.0\"} 1");
    scrapes("lockstep_batch_closes_total{model=\"m\",reason=\"full\",version=\"1\"} 1.0");
    scrapes("lockstep_batch_padding_elements_total{model=\"m\",version=\"1\"} 18.0");
    scrapes("lockstep_batch_valid_elements_total{model=\"m\",version=\"1\"} 30.0");
  }

  @Test
  void reloadedVersionGoesOnAndUnloadedOneDisappears() {
    Load old = new Load(1);
    Load fresh = new Load(2);
    metrics.versionLoaded("m", "1", old);
    metrics.versionLoaded("m", "1", fresh);
    metrics.versionUnloaded("m", "1", old);
    scrapes("lockstep_queue_rows{model=\"m\",version=\"1\"} 2.0");
    scrapes("lockstep_model_memory_bytes{kind=\"weights\",model=\"m\",version=\"1\"} 2.0");
    metrics.versionUnloaded("m", "1", fresh);
    assertFalse(metrics.scrape().contains("model=\"m\""));
  }

  @Test
  void theJvmIsMeasured() {
    assertTrue(metrics.scrape().contains("jvm_memory_used_bytes"));
    assertTrue(metrics.scrape().contains("process_cpu_usage"));
  }
}
