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

  private final Map<Integer, BatchTiming> batches = new TreeMap<>();
  private long lastInferenceMillis;
  private long inferenceCount;
  private long executionCount;
  private Timing success = Timing.ZERO;
  private Timing fail = Timing.ZERO;
  private Timing queue = Timing.ZERO;
  private Timing computeInput = Timing.ZERO;
  private Timing computeInfer = Timing.ZERO;
  private Timing computeOutput = Timing.ZERO;
  private double nanosPerRun;
  private double nanosPerRow;

  /** A batch was run. */
  synchronized void batchRun(
      int rows, long inputNanos, long inferNanos, long outputNanos, long epochMillis) {
    executionCount++;
    lastInferenceMillis = epochMillis;
    BatchTiming before =
        batches.getOrDefault(rows, new BatchTiming(rows, Timing.ZERO, Timing.ZERO, Timing.ZERO));
    batches.put(
        rows,
        new BatchTiming(
            rows,
            before.computeInput().plus(inputNanos),
            before.computeInfer().plus(inferNanos),
            before.computeOutput().plus(outputNanos)));
    double nanos = inputNanos + inferNanos + outputNanos;
    boolean isFirst = executionCount == 1;
    nanosPerRun += (isFirst ? 1 : NEWEST) * (nanos - nanosPerRun);
    nanosPerRow += (isFirst ? 1 : NEWEST) * (nanos / Math.max(1, rows) - nanosPerRow);
  }

  /** A request was answered. */
  synchronized void requestAnswered(int rows, PhaseClock clock, long totalNanos) {
    inferenceCount += rows;
    success = success.plus(totalNanos);
    queue = queue.plus(clock.nanos(Phase.QUEUE));
    computeInput = computeInput.plus(clock.nanos(Phase.ASSEMBLE));
    computeInfer = computeInfer.plus(clock.nanos(Phase.INFER));
    computeOutput = computeOutput.plus(clock.nanos(Phase.SPLIT));
  }

  /** A request failed, expired or was cancelled after it was admitted. */
  synchronized void requestFailed(long totalNanos) {
    fail = fail.plus(totalNanos);
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
    List<BatchTiming> bySize = new ArrayList<>(batches.values());
    return new ModelStatistics(
        name,
        version,
        lastInferenceMillis,
        inferenceCount,
        executionCount,
        success,
        fail,
        queue,
        computeInput,
        computeInfer,
        computeOutput,
        bySize,
        memory,
        now);
  }
}
