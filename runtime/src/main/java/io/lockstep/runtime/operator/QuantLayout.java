package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;

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

  boolean isPerTensor() {
    return parameters == 1 && block == 0;
  }
}
