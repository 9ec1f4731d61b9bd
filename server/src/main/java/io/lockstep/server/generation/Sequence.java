package io.lockstep.server.generation;

import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.grammar.GrammarState;
import io.lockstep.runtime.sampling.Sampler;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.Tenant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One text being generated. Made by any thread, from then on owned by the batcher's. */
public final class Sequence {

  /** Where a sequence is in its life. */
  enum State {
    WAITING,
    RUNNING,
    OVER
  }

  final Job job;
  final StopStrings stops;

  /** The sequence whose prompt this one shares, which is computed once; null for none. */
  final @Nullable Sequence leader;

  State state = State.WAITING;

  /** Null while it waits. */
  @Nullable BlockTable table;

  /** Positions that the cache holds. */
  int computed;

  /** Tokens of the prompt that needed no computation when it first started; -1 before. */
  int cachedTokens = -1;

  long lastTokenNanos;

  private int[] tokens; // [length], prompt and generated
  private int length;

  /**
   * What is to be done.
   *
   * @param prompt the tokens to continue, at least one
   * @param settings when to stop; sampling settings are the sampler's
   * @param maxLength tokens of prompt and text together, at most the context's
   * @param sampler chooses the tokens
   * @param grammar that the text follows, or null
   * @param text turns tokens into characters
   * @param tenant whose share of the machine it uses
   * @param deadline after which nobody wants it
   * @param arrivalNanos when its request came
   */
  public record Job(
      List<Integer> prompt,
      GenerationSettings settings,
      int maxLength,
      Sampler sampler,
      @Nullable GrammarState grammar,
      TokenText text,
      Tenant tenant,
      Deadline deadline,
      long arrivalNanos,
      SequenceOutput output) {}

  public Sequence(Job job, @Nullable Sequence leader) {
    this.job = job;
    this.leader = leader;
    this.stops = new StopStrings(job.settings().stopStrings());
    this.tokens = job.prompt().stream().mapToInt(Integer::intValue).toArray();
    this.length = tokens.length;
    this.lastTokenNanos = job.arrivalNanos();
    for (int id : tokens) {
      job.sampler().prompt(id);
    }
  }

  public long arrivalNanos() {
    return job.arrivalNanos();
  }

  /** When its last token came; its arrival before the first one. */
  public long lastTokenNanos() {
    return lastTokenNanos;
  }

  public int generated() {
    return length - job.prompt().size();
  }

  /** Prompt and generated tokens. */
  int length() {
    return length;
  }

  /** From the first token on; may be longer than {@link #length}. */
  int[] tokens() {
    return tokens;
  }

  /** Tokens that are known and not computed: 1 while it generates. */
  int missing() {
    return length - computed;
  }

  /** Whether the next token needs the last one alone. */
  boolean isDecoding() {
    return state == State.RUNNING && missing() == 1 && generated() > 0;
  }

  /** Whether the prompt is in the cache, or never will be. */
  boolean hasPrompt() {
    return state == State.OVER || computed >= job.prompt().size();
  }

  void append(int id) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(16, 2 * length));
    }
    tokens[length++] = id;
  }
}
