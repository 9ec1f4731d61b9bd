package io.lockstep.runtime.graph;

import io.lockstep.runtime.tensor.Tensor;

/**
 * An operator bound to a kernel for inputs of fixed types. Running it takes no native memory:
 * outputs and workspace were planned. What it leaves on the heap are the few small objects of a
 * call.
 */
@FunctionalInterface
public interface PreparedOperator {

  /**
   * Computes the outputs.
   *
   * @param inputs the inputs in the operator's order; null where an optional one is left out
   * @param outputs all outputs of {@link Operator#outputTypes}, uninitialised
   */
  void run(Tensor[] inputs, Tensor[] outputs, RunContext context);

  /** Bytes of scratch memory that {@link RunContext#workspace()} must offer. */
  default long workspaceBytes() {
    return 0;
  }

  /**
   * The input whose memory the first output may take over, when nobody else needs it any more: an
   * elementwise operator reads each element before it writes it. -1 for none.
   */
  default int inPlaceInput() {
    return -1;
  }

  /** Whether the first output is the first input under another shape, so that nothing runs. */
  default boolean isView() {
    return false;
  }

  /** A prepared operator that needs scratch memory. */
  static PreparedOperator withWorkspace(long bytes, PreparedOperator body) {
    return new PreparedOperator() {
      @Override
      public void run(Tensor[] inputs, Tensor[] outputs, RunContext context) {
        body.run(inputs, outputs, context);
      }

      @Override
      public long workspaceBytes() {
        return bytes;
      }
    };
  }

  /** A prepared operator that may write its first output over an input. */
  static PreparedOperator inPlace(int input, PreparedOperator body) {
    return new PreparedOperator() {
      @Override
      public void run(Tensor[] inputs, Tensor[] outputs, RunContext context) {
        body.run(inputs, outputs, context);
      }

      @Override
      public int inPlaceInput() {
        return input;
      }
    };
  }

  /** The first input under another shape. */
  static PreparedOperator view() {
    return new PreparedOperator() {
      @Override
      public void run(Tensor[] inputs, Tensor[] outputs, RunContext context) {
        outputs[0].copyFrom(inputs[0]);
      }

      @Override
      public boolean isView() {
        return true;
      }
    };
  }
}
