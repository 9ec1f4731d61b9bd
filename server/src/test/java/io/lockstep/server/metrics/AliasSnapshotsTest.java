package io.lockstep.server.metrics;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AliasSnapshotsTest {

  private static final String TRITON = "{model=\"m\",version=\"1\"} ";
  private static final String VLLM = "{engine=\"1\",model_name=\"m\"} ";

  private final ServingMetrics metrics = new ServingMetrics(new MetricsOptions(true, true, true));
  private final FakeTicker ticker = new FakeTicker();

  @AfterEach
  void close() {
    metrics.close();
  }

  private String scraped() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
  }

  private void scrapes(String line) {
    assertTrue(scraped().lines().anyMatch(line::equals), scraped());
  }

  private void answer(String protocol, String outcome, Duration queued, Duration inferred) {
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(queued);
    clock.mark(Phase.QUEUE);
    ticker.advance(inferred);
    clock.mark(Phase.INFER);
    metrics.requestFinished(new AnsweredRequest("m", "1", protocol, outcome, null, clock), null);
  }

  @Test
  void tritonsNamesAddUpWhatTheyDoNotTellApart() {
    VersionMeters version = metrics.versionLoaded("m", "1", new FakeLoad(4));
    version.queueWasFull();
    version.requestCancelled();
    version.batchFormed(3, 2, io.lockstep.server.serving.CloseReason.IDLE);
    answer("v2", "success", Duration.ofMillis(1), Duration.ofMillis(2));
    answer("openai", "success", Duration.ofMillis(1), Duration.ofMillis(2));
    answer("openai", "internal", Duration.ofMillis(1), Duration.ofMillis(2));
    scrapes("nv_inference_request_success" + TRITON + "2.0");
    scrapes("nv_inference_request_duration_us" + TRITON + "6000.0");
    scrapes("nv_inference_queue_duration_us" + TRITON + "2000.0");
    scrapes("nv_inference_compute_infer_duration_us" + TRITON + "4000.0");
    scrapes("nv_inference_count" + TRITON + "3.0");
    scrapes("nv_inference_exec_count" + TRITON + "1.0");
    scrapes("nv_inference_pending_request_count" + TRITON + "4.0");
    scrapes("nv_inference_request_failure{model=\"m\",reason=\"REJECTED\",version=\"1\"} 1.0");
    scrapes("nv_inference_request_failure{model=\"m\",reason=\"CANCELED\",version=\"1\"} 1.0");
  }

  @Test
  void vllmsNamesTellOfTokens() {
    metrics.versionLoaded("m", "1", new FakeLoad(0));
    assertFalse(scraped().contains("vllm:"), "a model that generates nothing has no such series");
    GenerationMeters meters = metrics.generationLoaded("m", "1", new FakeGeneration(3, 4, 5, 10));
    meters.promptAdmitted(7);
    meters.firstToken(20_000);
    meters.nextToken(30_000);
    meters.finished("stop", 50_000);
    meters.finished("length", 50_000);
    scrapes("vllm:num_requests_running" + VLLM + "3.0");
    scrapes("vllm:num_requests_waiting" + VLLM + "4.0");
    scrapes("vllm:kv_cache_usage_perc" + VLLM + "0.5");
    scrapes("vllm:prompt_tokens_total" + VLLM + "7.0");
    scrapes("vllm:generation_tokens_total" + VLLM + "2.0");
    scrapes(
        "vllm:request_success_total{engine=\"1\",finished_reason=\"stop\",model_name=\"m\"} 1.0");
    scrapes("vllm:time_to_first_token_seconds_count" + VLLM + "1");
    scrapes("vllm:e2e_request_latency_seconds_count" + VLLM + "2");
    scrapes(
        "vllm:e2e_request_latency_seconds_bucket"
            + "{engine=\"1\",model_name=\"m\",le=\"+Inf\"} 2");
  }
}
