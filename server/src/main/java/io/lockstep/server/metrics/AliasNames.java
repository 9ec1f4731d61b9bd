package io.lockstep.server.metrics;

import io.lockstep.server.metrics.Alias.Part;
import io.lockstep.server.metrics.Meters.Label;
import java.util.List;

/** What existing dashboards for other servers ask for, as far as this server measures it. */
final class AliasNames {

  /** The model metrics of Triton Inference Server, from its metrics documentation. */
  static final List<Alias> TRITON =
      List.of(
          Alias.triton("nv_inference_request_success", Meters.REQUESTS, Part.VALUE)
              .only(Label.OUTCOME, RequestMeters.SUCCESS),
          Alias.triton("nv_inference_request_failure", Meters.REJECTIONS, Part.VALUE)
              .fixed("reason", "REJECTED"),
          Alias.triton("nv_inference_request_failure", Meters.CANCELLATIONS, Part.VALUE)
              .fixed("reason", "CANCELED"),
          Alias.triton("nv_inference_request_failure", Meters.FAULTS, Part.VALUE)
              .fixed("reason", "BACKEND"),
          Alias.triton("nv_inference_request_failure", Meters.EXPIRATIONS, Part.VALUE)
              .fixed("reason", "OTHER"),
          Alias.triton("nv_inference_count", Meters.BATCH_ROWS, Part.SUM),
          Alias.triton("nv_inference_exec_count", Meters.BATCH_ROWS, Part.COUNT),
          Alias.triton("nv_inference_pending_request_count", Meters.QUEUE_REQUESTS, Part.VALUE),
          Alias.triton("nv_inference_request_duration_us", Meters.REQUEST_DURATION, Part.SUM)
              .only(Label.OUTCOME, RequestMeters.SUCCESS)
              .inMicros(),
          phase("nv_inference_queue_duration_us", "queue"),
          phase("nv_inference_compute_input_duration_us", "assemble"),
          phase("nv_inference_compute_infer_duration_us", "infer"),
          phase("nv_inference_compute_output_duration_us", "split"));

  /** The engine's metrics of vLLM, from its metrics documentation. */
  static final List<Alias> VLLM =
      List.of(
          Alias.vllm(
              "vllm:num_requests_running",
              Alias.Type.UNTYPED,
              Meters.SEQUENCES_RUNNING,
              Part.VALUE),
          Alias.vllm(
              "vllm:num_requests_waiting",
              Alias.Type.UNTYPED,
              Meters.SEQUENCES_WAITING,
              Part.VALUE),
          Alias.vllm(
                  "vllm:kv_cache_usage_perc", Alias.Type.UNTYPED, Meters.KV_BLOCKS_USED, Part.VALUE)
              .dividedBy(Meters.KV_BLOCKS),
          counter("vllm:prefix_cache_queries_total", Meters.PREFIX_QUERIES),
          counter("vllm:prefix_cache_hits_total", Meters.PREFIX_HITS),
          counter("vllm:num_preemptions_total", Meters.PREEMPTIONS),
          counter("vllm:prompt_tokens_total", Meters.PROMPT_TOKENS),
          counter("vllm:generation_tokens_total", Meters.GENERATED_TOKENS),
          Alias.vllm(
                  "vllm:request_success_total",
                  Alias.Type.COUNTER,
                  Meters.GENERATION_DURATION,
                  Part.COUNT)
              .keeping(Label.REASON, "finished_reason"),
          histogram("vllm:iteration_tokens_total", Meters.STEP_TOKENS),
          histogram("vllm:time_to_first_token_seconds", Meters.TIME_TO_FIRST_TOKEN),
          histogram("vllm:inter_token_latency_seconds", Meters.INTER_TOKEN),
          histogram("vllm:e2e_request_latency_seconds", Meters.GENERATION_DURATION));

  private AliasNames() {}

  private static Alias phase(String name, String phase) {
    return Alias.triton(name, Meters.REQUEST_PHASE, Part.SUM).only(Label.PHASE, phase).inMicros();
  }

  private static Alias counter(String name, Meters source) {
    return Alias.vllm(name, Alias.Type.COUNTER, source, Part.VALUE);
  }

  private static Alias histogram(String name, Meters source) {
    return Alias.vllm(name, Alias.Type.HISTOGRAM, source, Part.BUCKETS);
  }
}
