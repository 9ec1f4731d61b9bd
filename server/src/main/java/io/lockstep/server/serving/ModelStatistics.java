package io.lockstep.server.serving;

import java.util.List;

/**
 * What a model version has done since it was loaded.
 *
 * @param lastInferenceMillis wall clock of the last run, since 1970; 0 when there was none
 * @param inferenceCount rows answered
 * @param executionCount runs of the model
 * @param success requests answered, with their time from arrival to answer
 * @param fail requests that failed after they were admitted, expired and cancelled ones included
 * @param queue waiting, once for each request answered
 * @param computeInput gathering rows
 * @param computeInfer running
 * @param computeOutput copying rows out
 * @param batches by number of rows, ascending
 * @param memory native bytes held
 * @param now what waits, and what is kept
 */
public record ModelStatistics(
    String name,
    String version,
    long lastInferenceMillis,
    long inferenceCount,
    long executionCount,
    Timing success,
    Timing fail,
    Timing queue,
    Timing computeInput,
    Timing computeInfer,
    Timing computeOutput,
    List<BatchTiming> batches,
    Memory memory,
    Now now) {

  public ModelStatistics {
    batches = List.copyOf(batches);
  }

  /** How often and how long altogether. */
  public record Timing(long count, long nanos) {

    public static final Timing ZERO = new Timing(0, 0);

    public Timing plus(long moreNanos) {
      return new Timing(count + 1, nanos + moreNanos);
    }
  }

  /**
   * A version at this moment.
   *
   * @param queuedRows waiting
   * @param queuedRequests waiting
   * @param expectedRunNanos what the queue takes a run to cost, a moving average
   * @param plans kept, over all instances
   * @param planHits runs whose plan was kept
   * @param planMisses runs whose plan had to be made
   */
  public record Now(
      long queuedRows,
      long queuedRequests,
      long expectedRunNanos,
      long plans,
      long planHits,
      long planMisses) {}

  /** The runs with this many rows. */
  public record BatchTiming(
      int batchSize, Timing computeInput, Timing computeInfer, Timing computeOutput) {}

  /**
   * Native memory in bytes.
   *
   * @param weights constants, packed forms included
   * @param mapped model files still mapped
   * @param activations of all instances
   * @param sequences states of sequences
   */
  public record Memory(long weights, long mapped, long activations, long sequences) {

    public long total() {
      return weights + mapped + activations + sequences;
    }
  }
}
