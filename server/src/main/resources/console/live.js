import { growth, parse, quantiles, sum } from "./metrics.js";

const REQUESTS = "lockstep_requests_total";
const DURATION = "lockstep_request_duration_seconds";

/** Scrapes the server and tells what happened since the scrape before. */
export class Live {
  #before = null;

  /** The latest sample; null after the first scrape, which has nothing to compare with. */
  async next() {
    const answer = await fetch("metrics", { headers: { Accept: "text/plain" } });
    if (!answer.ok) {
      throw new Error(`the metrics answer ${answer.status}`);
    }
    const metrics = parse(await answer.text());
    const time = performance.now() / 1000;
    const before = this.#before;
    this.#before = { metrics, time };
    return before === null ? null : sample(before.metrics, metrics, time - before.time);
  }
}

function sample(before, after, seconds) {
  const models = new Set((after.get("lockstep_model_ready") ?? []).map(({ labels }) => labels.model));
  return {
    time: Date.now() / 1000,
    measured: after.size > 0,
    ...figures(before, after, seconds, () => true),
    refused: growth(before, after, "lockstep_rejections_total") / seconds,
    models: new Map(
      [...models].map((model) => [model, figures(before, after, seconds, (labels) => labels.model === model)])),
  };
}

/** What counts of one model, or of all. */
function figures(before, after, seconds, wanted) {
  const runs = growth(before, after, "lockstep_batch_rows_count", wanted);
  const rows = growth(before, after, "lockstep_batch_rows_sum", wanted);
  const steps = growth(before, after, "lockstep_generation_step_sequences_count", wanted);
  const sequences = growth(before, after, "lockstep_generation_step_sequences_sum", wanted);
  const answered = (labels) => wanted(labels) && labels.outcome === "success";
  const [p50, p90, p99] = quantiles(before, after, DURATION, [0.5, 0.9, 0.99], answered);
  return {
    requests: growth(before, after, REQUESTS, wanted) / seconds,
    failed: growth(before, after, REQUESTS, (labels) => wanted(labels) && labels.outcome !== "success") / seconds,
    p50: p50 * 1000,
    p90: p90 * 1000,
    p99: p99 * 1000,
    rows: rows / seconds,
    // Models that generate text have steps of sequences instead.
    batch: runs > 0 ? rows / runs : steps > 0 ? sequences / steps : NaN,
    queue: sum(after, "lockstep_queue_rows", wanted) + sum(after, "lockstep_generation_sequences_waiting", wanted),
    tokens: growth(before, after, "lockstep_generation_tokens_total", wanted) / seconds,
    memory: sum(after, "lockstep_model_memory_bytes", wanted),
  };
}
