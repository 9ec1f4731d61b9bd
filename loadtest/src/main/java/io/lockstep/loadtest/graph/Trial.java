package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.GraphCase.Comparison;
import java.nio.FloatBuffer;

/**
 * A case run a few times before it is measured, to see that both engines do the same.
 *
 * @param difference of their outputs, as {@link Outputs} gives it
 * @param ours nanoseconds of a run in the engine, roughly
 * @param theirs nanoseconds of a run in ONNX Runtime, roughly
 * @param weightBytes that the model holds in the engine: constants, packed or not, and what it
 *     still maps of its file
 */
record Trial(double difference, double ours, double theirs, long weightBytes) {

  /** Outputs that are further apart are not answers to the same question. */
  private static final double FAR_APART = 0.2;

  /** Runs a case with one copy of its model in each engine; one thread in ONNX Runtime. */
  static Trial of(GraphCase work, EngineOptions options) {
    GraphCase once = work.withCopies(1);
    EngineOptions oneThread = new EngineOptions(1, options.kernels());
    try (LockstepEngine ours = new LockstepEngine(once, options);
        OnnxRuntimeEngine theirs = new OnnxRuntimeEngine(once, oneThread)) {
      ours.run();
      FloatBuffer expected =
          work.comparison() == Comparison.EACH_ITEM ? theirs.outputOfEachItem() : theirs.output();
      double difference = Outputs.difference(ours.output(), expected);
      return new Trial(difference, nanos(ours), nanos(theirs), ours.weightBytes());
    }
  }

  private static double nanos(Engine engine) {
    final long start = System.nanoTime();
    engine.run();
    return System.nanoTime() - start;
  }

  /** Whether it makes sense to compare times; not with NaN in the outputs either. */
  boolean isComparable() {
    return difference < FAR_APART;
  }
}
