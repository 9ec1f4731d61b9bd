package io.lockstep.server.dispatch;

import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ModelStatistics.BatchTiming;
import io.lockstep.server.serving.ModelStatistics.Memory;
import io.lockstep.server.serving.ModelStatistics.Timing;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what a model version does. All methods are short and exclude each other. */
final class StatisticsRecorder {

  /** Weight of the newest run in the moving averages. */
  private static final double NEWEST = 0.2;

  private final Map<Integer, BatchSums> batches = new TreeMap<>(); // by rows
  private long lastInferenceMillis;
  private long inferenceCount;
  private long executionCount;
  private final Sum success = new Sum();
  private final Sum fail = new Sum();
  private final Sum queue = new Sum();
  private final Sum computeInput = new Sum();
  private final Sum computeInfer = new Sum();
  private final Sum computeOutput = new Sum();
  private double nanosPerRun;
  private double nanosPerRow;

  /** How often and how long altogether. */
  private static final class Sum {

    private long count;
    private long nanos;

    private void add(long moreNanos) {
      count++;
      nanos += moreNanos;
    }

    private Timing timing() {
      return new Timing(count, nanos);
    }
  }

  /** The runs with so many rows. */
  private static final class BatchSums {

    private final Sum input = new Sum();
    private final Sum infer = new Sum();
    private final Sum output = new Sum();
  }

  /** A batch was run. */
  synchronized void batchRun(
      int rows, long inputNanos, long inferNanos, long outputNanos, long epochMillis) {
    executionCount++;
    lastInferenceMillis = epochMillis;
    BatchSums sums = batches.computeIfAbsent(rows, _ -> new BatchSums());
    sums.input.add(inputNanos);
    sums.infer.add(inferNanos);
    sums.output.add(outputNanos);
    double nanos = inputNanos + inferNanos + outputNanos;
    boolean isFirst = executionCount == 1;
    nanosPerRun += (isFirst ? 1 : NEWEST) * (nanos - nanosPerRun);
    nanosPerRow += (isFirst ? 1 : NEWEST) * (nanos / Math.max(1, rows) - nanosPerRow);
  }

  /** A request was answered. */
  synchronized void requestAnswered(int rows, PhaseClock clock, long totalNanos) {
    inferenceCount += rows;
    success.add(totalNanos);
    queue.add(clock.nanos(Phase.QUEUE));
    computeInput.add(clock.nanos(Phase.ASSEMBLE));
    computeInfer.add(clock.nanos(Phase.INFER));
    computeOutput.add(clock.nanos(Phase.SPLIT));
  }

  /** A request failed, expired or was cancelled after it was admitted. */
  synchronized void requestFailed(long totalNanos) {
    fail.add(totalNanos);
  }

  /** How long a run takes, a moving average over the last few. */
  synchronized long expectedRunNanos() {
    return (long) nanosPerRun;
  }

  /** How long so many rows take on one instance at the rate of the last few runs. */
  synchronized long expectedNanos(int rows) {
    return (long) (rows * nanosPerRow);
  }

  synchronized ModelStatistics snapshot(
      String name, String version, Memory memory, ModelStatistics.Now now) {
    List<BatchTiming> bySize = new ArrayList<>();
    batches.forEach((rows, sums) ->
        bySize.add(
            new BatchTiming(rows, sums.input.timing(), sums.infer.timing(), sums.output.timing())));
    return new ModelStatistics(
        name,
        version,
        lastInferenceMillis,
        inferenceCount,
        executionCount,
        success.timing(),
        fail.timing(),
        queue.timing(),
        computeInput.timing(),
        computeInfer.timing(),
        computeOutput.timing(),
        bySize,
        memory,
        now);
  }
}
