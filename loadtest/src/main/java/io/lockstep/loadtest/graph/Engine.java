package io.lockstep.loadtest.graph;

import java.nio.FloatBuffer;

/** A runtime that has one case loaded. */
sealed interface Engine extends AutoCloseable permits LockstepEngine, OnnxRuntimeEngine {

  /** The runtimes compared. */
  enum Kind {
    LOCKSTEP,
    ONNX_RUNTIME;

    Engine load(GraphCase work, EngineOptions options) {
      return switch (this) {
        case LOCKSTEP -> new LockstepEngine(work, options);
        case ONNX_RUNTIME -> new OnnxRuntimeEngine(work, options);
      };
    }
  }

  /** Copies the inputs in and runs the next copy of the model. */
  void run();

  /** The first output of the last run, as floats. */
  FloatBuffer output();

  @Override
  void close();
}
