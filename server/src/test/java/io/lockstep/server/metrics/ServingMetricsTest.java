package io.lockstep.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.TraceReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ServingMetricsTest {

  private final ServingMetrics metrics = new ServingMetrics(MetricsOptions.DEFAULTS);
  private final FakeTicker ticker = new FakeTicker();
  private final PhaseClock clock = PhaseClock.start(ticker);

  @AfterEach
  void close() {
    metrics.close();
  }

  private String scraped() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
  }

  private AnsweredRequest answered(String model, String protocol, String outcome) {
    return new AnsweredRequest(model, "1", protocol, outcome, null, clock);
  }

  private void scrapes(String line) {
    assertTrue(scraped().lines().anyMatch(line::equals), scraped());
  }

  @Test
  void durationsHaveThirtyFiveBucketsFromFifteenMicroseconds() {
    assertEquals(35, Instruments.DURATION_BUCKETS.length);
    assertEquals(Duration.ofNanos(15_000), Instruments.DURATION_BUCKETS[0]);
    assertEquals(Duration.ofNanos(22_500), Instruments.DURATION_BUCKETS[1]);
    ticker.advance(Duration.ofNanos(20_000));
    clock.mark(Phase.INFER);
    metrics.versionLoaded("m", "1", new FakeLoad(0));
    metrics.requestFinished(answered("m", "v2", "success"), null);
    String tags = "model=\"m\",phase=\"infer\",protocol=\"v2\",version=\"1\"";
    scrapes("lockstep_request_phase_seconds_bucket{" + tags + ",le=\"1.5E-5\"} 0");
    scrapes("lockstep_request_phase_seconds_bucket{" + tags + ",le=\"2.25E-5\"} 1");
  }

  @Test
  void countsKeptElsewhereAreReadAfterACollectionOfGarbage() {
    metrics.versionLoaded("m", "1", new FakeLoad(7));
    System.gc();
    scrapes("lockstep_plan_cache_lookups_total{model=\"m\",result=\"hit\",version=\"1\"} 7.0");
  }

  @Test
  void requestsAreCountedByModelProtocolAndOutcome() {
    metrics.versionLoaded("m", "1", new FakeLoad(0));
    metrics.requestFinished(answered("m", "openai", "success"), null);
    metrics.requestFinished(answered("m", "openai", "overloaded"), null);
    scrapes(
        "lockstep_requests_total"
            + "{model=\"m\",outcome=\"overloaded\",protocol=\"openai\",version=\"1\"} 1.0");
  }

  @Test
  void modelsThatDoNotExistMakeNoSeries() {
    metrics.requestFinished(answered("made-up", "v2", "model_not_found"), null);
    metrics.requestFinished(
        new AnsweredRequest(null, null, "v2", "invalid_argument", null, clock), null);
    assertFalse(scraped().contains("made-up"));
    scrapes(
        "lockstep_requests_total{model=\"unknown\",outcome=\"invalid_argument\","
            + "protocol=\"v2\",version=\"unknown\"} 1.0");
  }

  @Test
  void requestsThatNoVersionAnsweredCountForTheirModelWhileItIsLoaded() {
    FakeLoad load = new FakeLoad(0);
    metrics.versionLoaded("m", "1", load);
    metrics.requestFinished(new AnsweredRequest("m", null, "v2", "overloaded", null, clock), null);
    scrapes(
        "lockstep_requests_total"
            + "{model=\"m\",outcome=\"overloaded\",protocol=\"v2\",version=\"unknown\"} 1.0");
    metrics.versionUnloaded("m", "1", load);
    assertFalse(scraped().contains("model=\"m\""));
  }

  @Test
  void batchesAreCountedByRowsReasonAndPadding() {
    VersionMeters meters = metrics.versionLoaded("m", "1", new FakeLoad(0));
    meters.batchFormed(3, 2, CloseReason.FULL);
    meters.batchPadded(30, 18);
    scrapes("lockstep_batch_rows_bucket{model=\"m\",version=\"1\",le=\"4.0\"} 1");
    scrapes("lockstep_batch_closes_total{model=\"m\",reason=\"full\",version=\"1\"} 1.0");
    scrapes("lockstep_batch_padding_elements_total{model=\"m\",version=\"1\"} 18.0");
    scrapes("lockstep_batch_valid_elements_total{model=\"m\",version=\"1\"} 30.0");
  }

  @Test
  void reloadedVersionGoesOnAndUnloadedOneDisappears() {
    FakeLoad old = new FakeLoad(1);
    FakeLoad fresh = new FakeLoad(2);
    metrics.versionLoaded("m", "1", old);
    metrics.versionLoaded("m", "1", fresh);
    metrics.versionUnloaded("m", "1", old);
    scrapes("lockstep_queue_rows{model=\"m\",version=\"1\"} 2.0");
    scrapes("lockstep_model_memory_bytes{kind=\"weights\",model=\"m\",version=\"1\"} 2.0");
    metrics.versionUnloaded("m", "1", fresh);
    assertFalse(scraped().contains("model=\"m\""));
  }

  @Test
  void generationIsCountedTokenByToken() {
    metrics.versionLoaded("m", "1", new FakeLoad(0));
    GenerationMeters meters = metrics.generationLoaded("m", "1", new FakeGeneration(3, 4, 5, 6));
    meters.promptAdmitted(7);
    meters.prefixLookedUp(7, 2);
    meters.firstToken(20_000);
    meters.nextToken(30_000);
    meters.stepped(9, 2);
    meters.preempted();
    meters.finished("stop", 50_000);
    String version = "{model=\"m\",version=\"1\"} ";
    scrapes("lockstep_generation_sequences_running" + version + "3.0");
    scrapes("lockstep_generation_sequences_waiting" + version + "4.0");
    scrapes("lockstep_kv_blocks_used" + version + "5.0");
    scrapes("lockstep_kv_blocks" + version + "6.0");
    scrapes("lockstep_generation_prompt_tokens_total" + version + "7.0");
    scrapes("lockstep_generation_prefix_hit_tokens_total" + version + "2.0");
    scrapes("lockstep_generation_tokens_total" + version + "2.0");
    scrapes("lockstep_generation_preemptions_total" + version + "1.0");
    scrapes("lockstep_generation_time_to_first_token_seconds_count" + version + "1");
    scrapes("lockstep_generation_inter_token_seconds_count" + version + "1");
    scrapes("lockstep_generation_step_tokens_sum" + version + "9.0");
    scrapes(
        "lockstep_generation_duration_seconds_count"
            + "{model=\"m\",reason=\"stop\",version=\"1\"} 1");
  }

  @Test
  void computePoolIsMeasuredInSeconds() {
    metrics.computeOn(new FakePool(2, 1_500_000_000L));
    scrapes("lockstep_compute_busy_seconds_total 1.5");
    scrapes("lockstep_compute_threads 2.0");
  }

  @Test
  void everyMeterIsScrapedUnderItsNameWithItsHelp() {
    FilledMetrics.fill(metrics);
    final String scraped = scraped();
    for (Meters meter : Meters.values()) {
      String name = meter.prometheusName();
      assertTrue(scraped.contains("# HELP " + name + " " + meter.help() + "\n"), name);
      for (String series : meter.seriesNames()) {
        assertTrue(scraped.contains("\n" + series + "{") || meter.labels().isEmpty(), series);
      }
    }
  }

  @Test
  void openMetricsPointAtTheTraceOfARequest() {
    metrics.versionLoaded("m", "1", new FakeLoad(0));
    ticker.advance(Duration.ofMillis(2));
    clock.mark(Phase.INFER);
    metrics.requestFinished(
        answered("m", "v2", "success"), new TraceReference("a".repeat(32), "b".repeat(16)));
    Scrape scrape = metrics.scrape("application/openmetrics-text; version=1.0.0");
    assertTrue(scrape.contentType().startsWith("application/openmetrics-text"));
    String text = new String(scrape.body(), StandardCharsets.UTF_8);
    assertTrue(
        text.lines()
            .anyMatch(line ->
                line.startsWith("lockstep_request_duration_seconds_bucket")
                    && line.contains("trace_id=\"" + "a".repeat(32))),
        text);
    assertTrue(text.endsWith("# EOF\n"));
  }

  @Test
  void nothingIsMeasuredWhenSwitchedOff() {
    try (ServingMetrics off = new ServingMetrics(new MetricsOptions(false, true, true))) {
      FilledMetrics.fill(off);
      assertEquals(0, off.scrape(null).body().length);
    }
  }

  @Test
  void theJvmIsMeasured() {
    assertTrue(scraped().contains("jvm_memory_used_bytes"));
    assertTrue(scraped().contains("process_cpu_usage"));
  }
}
