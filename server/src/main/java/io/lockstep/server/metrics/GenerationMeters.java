package io.lockstep.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The meters of one model version that generates tokens, looked up once; made by {@link
 * ServingMetrics#generationLoaded}. Cheap enough for every token.
 */
public final class GenerationMeters {

  private final Instruments instruments;
  private final Tags tags;
  private final Timer firstToken;
  private final Timer interToken;
  private final Map<String, Timer> durations = new ConcurrentHashMap<>(); // by finish reason
  private final Counter promptTokens;
  private final Counter generatedTokens;
  private final DistributionSummary stepTokens;
  private final DistributionSummary stepSequences;
  private final Counter preemptions;
  private final Counter prefixQueries;
  private final Counter prefixHits;

  GenerationMeters(Instruments instruments, Tags tags) {
    this.instruments = instruments;
    this.tags = tags;
    this.firstToken = instruments.timer(Meters.TIME_TO_FIRST_TOKEN, tags);
    this.interToken = instruments.timer(Meters.INTER_TOKEN, tags);
    this.promptTokens = instruments.counter(Meters.PROMPT_TOKENS, tags);
    this.generatedTokens = instruments.counter(Meters.GENERATED_TOKENS, tags);
    this.stepTokens = instruments.summary(Meters.STEP_TOKENS, tags);
    this.stepSequences = instruments.summary(Meters.STEP_SEQUENCES, tags);
    this.preemptions = instruments.counter(Meters.PREEMPTIONS, tags);
    this.prefixQueries = instruments.counter(Meters.PREFIX_QUERIES, tags);
    this.prefixHits = instruments.counter(Meters.PREFIX_HITS, tags);
  }

  /** A prompt was admitted. */
  public void promptAdmitted(long tokens) {
    promptTokens.increment((double) tokens);
  }

  /** A prompt was looked up in the cache: so many of its tokens were there already. */
  public void prefixLookedUp(long tokens, long hitTokens) {
    prefixQueries.increment((double) tokens);
    prefixHits.increment((double) hitTokens);
  }

  /** A sequence has its first token, so long after its request's arrival. */
  public void firstToken(long nanosSinceArrival) {
    generatedTokens.increment();
    firstToken.record(nanosSinceArrival, TimeUnit.NANOSECONDS);
  }

  /** A sequence has another token, so long after the one before. */
  public void nextToken(long nanosSincePrevious) {
    generatedTokens.increment();
    interToken.record(nanosSincePrevious, TimeUnit.NANOSECONDS);
  }

  /** The batcher made a step. */
  public void stepped(int tokens, int sequences) {
    stepTokens.record(tokens);
    stepSequences.record(sequences);
  }

  /** A sequence gave its blocks up to others. */
  public void preempted() {
    preemptions.increment();
  }

  /**
   * A sequence is over.
   *
   * @param reason one of a few words, such as stop, length, cancelled, error
   */
  public void finished(String reason, long nanosSinceArrival) {
    durations
        .computeIfAbsent(
            reason,
            r -> instruments.timer(Meters.GENERATION_DURATION, tags.and(Meters.Label.REASON, r)))
        .record(nanosSinceArrival, TimeUnit.NANOSECONDS);
  }
}
