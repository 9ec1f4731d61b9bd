package io.lockstep.server.generation;

import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tokens a step computes. Pure bookkeeping of sequences and blocks, owned by one
 * thread.
 *
 * <p>Every running sequence that generates gets its token in every step. What is left of the step's
 * budget goes to prompts, so that a long one is computed in pieces beside the others: half to the
 * one that has waited longest, which makes sure that it gets done, and the rest to those that need
 * least, so that a short prompt has its first token in the step after it came. When blocks run out
 * the sequence that started last gives its own back, and is computed anew later.
 */
final class SequenceScheduler {

  /** Tokens of prompts in a step, however many sequences generate. */
  private static final int MIN_PROMPT_TOKENS = 16;

  private static final Comparator<Sequence> FEWEST_MISSING =
      Comparator.comparingInt(Sequence::missing);

  private final BlockAllocator blocks;
  private final GenerationLimits limits;
  private final StepObserver observer;
  private final TenantShares waiting = new TenantShares();
  private final List<Sequence> running = new ArrayList<>(); // in the order of their start
  private final List<Sequence> prompts = new ArrayList<>(); // being computed in this step
  private final StepPlan plan = new StepPlan();

  SequenceScheduler(BlockAllocator blocks, GenerationLimits limits, StepObserver observer) {
    this.blocks = blocks;
    this.limits = limits;
    this.observer = observer;
  }

  void add(Sequence sequence) {
    waiting.add(sequence);
  }

  int waiting() {
    return waiting.waiting();
  }

  int running() {
    return running.size();
  }

  boolean isEmpty() {
    return running.isEmpty() && waiting.waiting() == 0;
  }

  /** Chooses the next step; an empty plan means that nothing can be computed now. */
  StepPlan next(long nowNanos) {
    dropGone(nowNanos);
    plan.clear();
    boolean enough = planGenerating();
    if (enough) {
      start(nowNanos);
    }
    planPrompts(Math.max(MIN_PROMPT_TOKENS, limits.stepTokens() - plan.tokens()));
    return plan;
  }

  /** A piece was computed. */
  void computed(Sequence sequence, int tokens) {
    sequence.computed += tokens;
    blocks.publish(table(sequence), sequence.tokens(), sequence.computed);
    waiting.served(sequence, tokens);
  }

  /** A running sequence is over. */
  void finish(Sequence sequence) {
    running.remove(sequence);
    waiting.left(sequence);
    end(sequence);
  }

  /** Fails everything. */
  void failAll(ServingException problem, long nowNanos) {
    for (Sequence sequence : List.copyOf(running)) {
      fail(sequence, problem, nowNanos);
    }
    waiting.removeIf(
        _ -> true,
        sequence -> {
          end(sequence);
          tell(sequence, problem, nowNanos);
        });
  }

  /** Fails a running sequence. */
  void fail(Sequence sequence, ServingException problem, long nowNanos) {
    finish(sequence);
    tell(sequence, problem, nowNanos);
  }

  private void dropGone(long nowNanos) {
    for (int i = running.size() - 1; i >= 0; i--) {
      Sequence sequence = running.get(i);
      ServingException problem = gone(sequence, nowNanos);
      if (problem != null) {
        fail(sequence, problem, nowNanos);
      }
    }
    if (waiting.waiting() > 0) {
      waiting.removeIf(
          sequence -> gone(sequence, nowNanos) != null,
          sequence -> {
            end(sequence);
            ServingException problem = gone(sequence, nowNanos);
            if (problem != null) {
              tell(sequence, problem, nowNanos);
            }
          });
    }
  }

  private static @Nullable ServingException gone(Sequence sequence, long nowNanos) {
    if (sequence.job.output().isCancelled()) {
      return new ServingException(ErrorCode.CANCELLED, "the request was cancelled");
    }
    if (sequence.job.deadline().hasPassed(nowNanos)) {
      return new ServingException(
          ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before its text was");
    }
    return null;
  }

  /** Plans a token for every sequence that generates; false when blocks ran out meanwhile. */
  private boolean planGenerating() {
    boolean enough = true;
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      if (!sequence.isDecoding() || !sequence.job.output().hasRoom()) {
        continue;
      }
      while (sequence.state == Sequence.State.RUNNING
          && !blocks.grow(table(sequence), sequence.length())) {
        // The last one: it is planned after all others, so nothing planned loses its blocks.
        preempt(running.getLast());
        enough = false;
      }
      if (sequence.state == Sequence.State.RUNNING) {
        plan.add(sequence, 1);
      }
    }
    return enough;
  }

  private void preempt(Sequence sequence) {
    running.remove(sequence);
    release(sequence);
    sequence.state = Sequence.State.WAITING;
    waiting.putBack(sequence);
    observer.preempted();
  }

  /** Starts waiting sequences for which there is room. */
  private void start(long nowNanos) {
    while (running.size() < limits.maxSequences()) {
      Sequence next = waiting.peek();
      if (next == null) {
        return;
      }
      BlockTable table = blocks.match(Arrays.copyOf(next.tokens(), next.length()));
      int cached = table.publishedPositions();
      // A block more for everybody, or starting one would stop another one at once.
      int spare = running.isEmpty() ? 0 : running.size() + 1;
      int needed = BlockAllocator.blocksFor(next.length()) - table.count();
      if (needed + spare > blocks.available() || !blocks.grow(table, next.length())) {
        blocks.release(table);
        return;
      }
      waiting.take(next);
      next.state = Sequence.State.RUNNING;
      next.table = table;
      next.computed = cached;
      if (next.cachedTokens < 0) {
        next.cachedTokens = cached;
      }
      running.add(next);
      next.job.output().started(nowNanos);
      observer.started(next.length(), cached);
    }
  }

  private void planPrompts(int budget) {
    prompts.clear();
    for (Sequence sequence : running) {
      if (!sequence.isDecoding() && sequence.job.output().hasRoom()) {
        prompts.add(sequence);
      }
    }
    if (prompts.isEmpty()) {
      return;
    }
    Sequence oldest = prompts.removeFirst();
    prompts.sort(FEWEST_MISSING);
    int reserved = Math.min(oldest.missing(), Math.max(1, budget / 2));
    int left = budget - reserved;
    for (Sequence sequence : prompts) {
      int count = Math.min(sequence.missing(), left);
      if (count > 0) {
        plan.add(sequence, count);
        left -= count;
      }
    }
    plan.add(oldest, Math.min(oldest.missing(), reserved + left));
  }

  private void end(Sequence sequence) {
    release(sequence);
    sequence.state = Sequence.State.OVER;
  }

  private void release(Sequence sequence) {
    if (sequence.table != null) {
      blocks.release(sequence.table);
      sequence.table = null;
    }
    sequence.computed = 0;
  }

  private void tell(Sequence sequence, ServingException problem, long nowNanos) {
    sequence.job.output().failed(problem);
    String reason =
        switch (problem.code()) {
          case CANCELLED -> "cancelled";
          case DEADLINE_EXCEEDED -> "expired";
          default -> "error";
        };
    observer.over(sequence, reason, nowNanos);
  }

  private static BlockTable table(Sequence sequence) {
    if (sequence.table == null) {
      throw new IllegalStateException("a running sequence has a table");
    }
    return sequence.table;
  }
}
