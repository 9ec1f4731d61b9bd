package io.lockstep.server.generation;

import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.runtime.grammar.GrammarState;
import io.lockstep.runtime.sampling.TokenLogprobs;
import io.lockstep.server.generation.Sequence.State;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Generates many texts at a time: a step is schedule, forward, sample, commit. Owned by one thread.
 */
public final class ContinuousBatcher {

  private final StepEngine engine;
  private final SequenceScheduler scheduler;
  private final BitSet ends;
  private final StepObserver observer;
  private final Ticker ticker;
  private final StepBatch batch = new StepBatch();

  /**
   * A batcher without sequences.
   *
   * @param ends tokens that end a text
   */
  public ContinuousBatcher(
      StepEngine engine,
      GenerationLimits limits,
      BitSet ends,
      StepObserver observer,
      Ticker ticker) {
    this.engine = engine;
    this.scheduler = new SequenceScheduler(engine.blocks(), limits, observer);
    this.ends = ends;
    this.observer = observer;
    this.ticker = ticker;
  }

  public void add(Sequence sequence) {
    scheduler.add(sequence);
  }

  public int waiting() {
    return scheduler.waiting();
  }

  public int running() {
    return scheduler.running();
  }

  /** Blocks of the cache that hold sequences. */
  public int usedBlocks() {
    return engine.blocks().capacity() - engine.blocks().available();
  }

  /** Whether there is nothing to do, now or later. */
  public boolean isEmpty() {
    return scheduler.isEmpty();
  }

  /** Fails all sequences. */
  public void failAll(ServingException problem) {
    scheduler.failAll(problem, ticker.nanos());
  }

  /** Computes a step; returns how many tokens it had, 0 when nothing can be computed now. */
  public int step() {
    StepPlan plan = scheduler.next(ticker.nanos());
    if (plan.pieces() == 0) {
      return 0;
    }
    batch.clear();
    for (int i = 0; i < plan.pieces(); i++) {
      Sequence sequence = plan.sequence(i);
      int count = plan.count(i);
      if (sequence.table == null) {
        throw new IllegalStateException("a planned sequence has a table");
      }
      batch.add(
          sequence.tokens(),
          sequence.computed,
          count,
          sequence.computed,
          sequence.table,
          count == sequence.missing());
    }
    MemorySegment logits;
    try {
      logits = engine.forward(batch);
    } catch (RuntimeException problem) {
      observer.failed(problem);
      failStep(plan);
      return plan.tokens();
    }
    commit(plan, logits);
    observer.stepped(plan.tokens(), plan.pieces());
    return plan.tokens();
  }

  private void failStep(StepPlan plan) {
    long now = ticker.nanos();
    for (int i = 0; i < plan.pieces(); i++) {
      scheduler.fail(plan.sequence(i), failure("the model failed to run"), now);
    }
  }

  private static ServingException failure(String message) {
    return new ServingException(ErrorCode.INTERNAL, message);
  }

  private void commit(StepPlan plan, MemorySegment logits) {
    long now = ticker.nanos();
    int row = 0;
    for (int i = 0; i < plan.pieces(); i++) {
      Sequence sequence = plan.sequence(i);
      boolean isLast = plan.count(i) == sequence.missing();
      scheduler.computed(sequence, plan.count(i));
      if (isLast) {
        long at = (long) row++ * engine.vocabulary();
        try {
          advance(sequence, logits, at, now);
        } catch (RuntimeException problem) { // of this sequence's grammar, say
          observer.failed(problem);
          scheduler.fail(sequence, failure("choosing a token failed"), now);
        }
      }
    }
  }

  /** Chooses a token and does what follows from it. */
  private void advance(Sequence sequence, MemorySegment logits, long at, long now) {
    GenerationSettings settings = sequence.job.settings();
    GrammarState grammar = sequence.job.grammar();
    boolean mayEnd =
        !settings.ignoreEnd()
            && sequence.generated() >= settings.minTokens()
            && (grammar == null || grammar.isComplete());
    long began = ticker.nanos();
    BitSet allowed = grammar == null ? null : grammar.mask();
    int id = sequence.job.sampler().choose(logits, at, allowed, mayEnd);
    sequence.job.output().chosen(ticker.nanos() - began);
    if (id < 0) {
      scheduler.fail(sequence, failure("the model gave no token a probability"), now);
      return;
    }
    sequence.append(id);
    observer.token(sequence, now);
    sequence.lastTokenNanos = now;
    if (ends.get(id)) {
      finish(sequence, FinishReason.END, now);
    } else if (settings.stopIds().contains(id)) {
      finish(sequence, FinishReason.STOP, now);
    } else {
      if (grammar != null) {
        grammar.accept(id);
      }
      tell(sequence, id, logits, at);
      FinishReason reason = reason(sequence, grammar);
      if (reason != null) {
        finish(sequence, reason, now);
      }
    }
  }

  private void tell(Sequence sequence, int id, MemorySegment logits, long at) {
    String piece = sequence.job.text().add(id);
    String certain = sequence.stops.add(piece);
    int top = sequence.job.settings().topLogprobs();
    List<GeneratedToken> tokens =
        top < 0
            ? List.of()
            : List.of(
                new GeneratedToken(
                    piece, TokenLogprobs.of(logits, at, engine.vocabulary(), id, top)));
    if (!certain.isEmpty() || !tokens.isEmpty()) {
      sequence.job.output().text(certain, tokens);
    }
  }

  private static @Nullable FinishReason reason(Sequence sequence, @Nullable GrammarState grammar) {
    if (sequence.stops.isFound()) {
      return FinishReason.STOP;
    }
    if (grammar != null && grammar.isOver()) {
      return FinishReason.END;
    }
    return sequence.length() >= sequence.job.maxLength() ? FinishReason.LENGTH : null;
  }

  private void finish(Sequence sequence, FinishReason reason, long now) {
    if (sequence.state == State.OVER) {
      throw new IllegalStateException("a sequence is over once");
    }
    SequenceOutput output = sequence.job.output();
    String rest = "";
    if (!sequence.stops.isFound()) {
      rest = sequence.stops.add(sequence.job.text().finish()) + sequence.stops.rest();
    }
    if (!rest.isEmpty()) {
      output.text(rest, List.of());
    }
    output.finished(reason, sequence.generated(), sequence.cachedTokens);
    scheduler.finish(sequence);
    observer.over(sequence, reason.label(), now);
  }
}
