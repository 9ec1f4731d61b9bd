package io.lockstep.server.config;

import io.lockstep.server.serving.Pooling;
import io.lockstep.server.serving.Task;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code model.yaml} says; null is a key it does not have, for which the model itself or the
 * server's configuration decides.
 *
 * @param description free text for people
 * @param task what the model is for
 * @param pooling how token vectors become one
 * @param normalize whether vectors get length 1
 * @param labels file with the name of a class on each line, beside the model or beside this file
 * @param maxLength the most tokens of a text
 * @param instances how many runs may happen at a time
 * @param generation how a model that generates text shares steps
 * @param state what is carried from step to step of a sequence; empty for nothing
 * @param sequences how many there may be, and how long they are kept
 * @param warmup whether to run on made-up inputs before serving
 */
public record ModelConfig(
    String description,
    @Nullable Task task,
    @Nullable Pooling pooling,
    @Nullable Boolean normalize,
    @Nullable String labels,
    @Nullable Integer maxLength,
    VersionPolicy versionPolicy,
    @Nullable Integer instances,
    Batching batching,
    Generation generation,
    @Nullable List<State> state,
    Sequences sequences,
    @Nullable Boolean warmup) {

  public static final ModelConfig DEFAULTS =
      new ModelConfig(
          "",
          null,
          null,
          null,
          null,
          null,
          new VersionPolicy.Latest(1),
          null,
          new Batching(null, null, null, null, List.of(), Mode.AUTO),
          new Generation(null, null, null, null, null),
          null,
          new Sequences(null, null),
          null);

  public ModelConfig {
    state = state == null ? null : List.copyOf(state);
    if (maxLength != null) {
      ServerConfig.requireAtLeast("max_length", maxLength, 1);
    }
    if (instances != null) {
      ServerConfig.requireAtLeast("instances", instances, 1);
    }
  }

  /**
   * A tensor that is carried from step to step.
   *
   * @param input that takes it
   * @param output that gives it
   * @param initial what the first step takes: {@link #ZEROS}, or a file of the elements of one row,
   *     little-endian, beside the model or beside this file
   */
  public record State(String input, String output, String initial) {

    public static final String ZEROS = "zeros";

    /** Keys that the file leaves out come as null. */
    public State {
      ServerConfig.require(input != null && output != null, "a state needs an input and an output");
      initial = initial == null ? ZEROS : initial;
    }
  }

  /**
   * Sequences of the model.
   *
   * @param idleTimeout after which a silent one is forgotten
   * @param maxSequences alive at a time
   */
  public record Sequences(@Nullable Duration idleTimeout, @Nullable Integer maxSequences) {
    public Sequences {
      ServerConfig.require(
          idleTimeout == null || idleTimeout.isPositive(), "idle_timeout must be positive");
      if (maxSequences != null) {
        ServerConfig.requireAtLeast("max_sequences", maxSequences, 1);
      }
    }
  }

  /** Which requests may share a run. */
  public enum Mode {
    /** As the model's own structure allows. */
    AUTO,
    NONE,
    SAME_SHAPE,
    PADDED
  }

  /**
   * How the model batches.
   *
   * @param maxBatchSize rows of one run
   * @param maxBatchTokens positions of one run that pads, rows times padded length
   * @param maxQueueDelay how long the oldest request may wait for company
   * @param maxQueueSize rows that may wait
   * @param lengthBuckets lengths that rows are padded to, ascending; empty for the usual ones
   * @param mode at most what the model's structure allows
   */
  public record Batching(
      @Nullable Integer maxBatchSize,
      @Nullable Integer maxBatchTokens,
      @Nullable Duration maxQueueDelay,
      @Nullable Integer maxQueueSize,
      List<Integer> lengthBuckets,
      Mode mode) {
    public Batching {
      lengthBuckets = List.copyOf(lengthBuckets);
      if (maxBatchSize != null) {
        ServerConfig.requireAtLeast("max_batch_size", maxBatchSize, 1);
      }
      if (maxBatchTokens != null) {
        ServerConfig.requireAtLeast("max_batch_tokens", maxBatchTokens, 1);
      }
      if (maxQueueSize != null) {
        ServerConfig.requireAtLeast("max_queue_size", maxQueueSize, 1);
      }
      int previous = 0;
      for (int bucket : lengthBuckets) {
        ServerConfig.require(bucket > previous, "length_buckets must be positive and ascending");
        previous = bucket;
      }
    }
  }

  /** The form of a language model's matrices in memory. */
  public enum Weights {
    /** As the files have them. */
    STORED,
    /** Bytes in blocks of 32 with a scale each. */
    Q8_0
  }

  /**
   * How texts are generated.
   *
   * @param kvCache memory of the key-value cache
   * @param maxSequences texts that are generated at a time
   * @param stepTokens that a step computes at most
   * @param maxQueueTokens tokens of the prompts that may wait
   * @param weights what matrices of floats become when a model is loaded from safetensors
   */
  public record Generation(
      @Nullable ByteSize kvCache,
      @Nullable Integer maxSequences,
      @Nullable Integer stepTokens,
      @Nullable Integer maxQueueTokens,
      @Nullable Weights weights) {
    public Generation {
      if (maxSequences != null) {
        ServerConfig.requireAtLeast("max_sequences", maxSequences, 1);
      }
      if (stepTokens != null) {
        ServerConfig.requireAtLeast("step_tokens", stepTokens, 16);
      }
      if (maxQueueTokens != null) {
        ServerConfig.requireAtLeast("max_queue_tokens", maxQueueTokens, 1);
      }
    }
  }
}
