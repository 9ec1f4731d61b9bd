package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;

/**
 * Which scale belongs to which element: one for the tensor, one for each index of an axis, or one
 * for each block along an axis. Sees the tensor as [outer, axis, inner].
 *
 * @param parameters how many scales there are
 * @param block elements of the axis that share a scale; 0 unless blocked
 */
record QuantLayout(int outer, int axis, int inner, long parameters, int block) {

  /** The layout of ONNX's QuantizeLinear and DequantizeLinear for these shapes. */
  static QuantLayout of(OperatorInputs inputs, Shape x, Shape scale, int axis, int blockSize) {
    if (scale.size() == 1 && blockSize == 0) {
      return new QuantLayout(1, 1, x.intSize(), 1, 0);
    }
    int at = x.axis(axis);
    int outer = x.product(0, at);
    int inner = x.product(at + 1, x.rank());
    if (blockSize == 0) {
      if (scale.size() != x.extent(at)) {
        throw inputs.invalid("scale %s does not fit axis %d of %s".formatted(scale, at, x));
      }
      return new QuantLayout(outer, x.extent(at), inner, scale.size(), 0);
    }
    if (!scale.equals(x.with(at, Math.ceilDiv(x.extent(at), blockSize)))) {
      throw inputs.invalid(
          "scale %s does not fit blocks of %d along axis %d of %s"
              .formatted(scale, blockSize, at, x));
    }
    return new QuantLayout(outer, x.extent(at), inner, scale.size(), blockSize);
  }

  /** Elements next to each other that share a scale. */
  int run() {
    return block > 0 && inner > 1 ? 1 : inner;
  }

  /** How many such runs the tensor has. */
  int runs() {
    return outer * axis * (inner / Math.max(1, run()));
  }

  /** The index of a run's scale. */
  int parameter(int run) {
    if (block == 0) {
      return run % axis;
    }
    int i = run % inner;
    int along = run / inner % axis;
    int blocks = Math.ceilDiv(axis, block);
    return (run / inner / axis * blocks + along / block) * inner + i;
  }

  /** Elements next to each other that share a scale, from {@code first} on. */
  @FunctionalInterface
  interface Piece {
    void run(Tensor[] in, Tensor y, int parameter, long first, int count);
  }

  /**
   * An operator that does its work piece by piece, on several threads where a thread has enough.
   *
   * @param grain elements that a thread takes at least
   */
  PreparedOperator operator(int grain, Piece piece) {
    if (runs() == 1) {
      return (in, out, run) ->
          run.pool()
              .parallelFor(run(), grain, (from, to) -> piece.run(in, out[0], 0, from, to - from));
    }
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                runs(),
                Math.max(1, grain / Math.max(1, run())),
                (from, to) -> {
                  for (int i = from; i < to; i++) {
                    piece.run(in, out[0], parameter(i), (long) i * run(), run());
                  }
                });
  }
}
