package io.lockstep.training.network;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.lang.foreign.MemorySegment;

/** SwiGLU (Shazeer, 2020): y = silu(gate) * up, and its gradient. */
final class GatedUnit {

  private static final Activation SILU = new Activation(UnaryFunction.SWISH, 1, 0);
  private static final Activation SIGMOID = Activation.of(UnaryFunction.SIGMOID);

  private final Elementwise elementwise;
  private final int width;
  private final MemorySegment sigmoids; // [width]

  GatedUnit(Elementwise elementwise, int width) {
    this.elementwise = elementwise;
    this.width = width;
    this.sigmoids = Floats.zeros(width);
  }

  /**
   * Computes y.
   *
   * @param gateUp [rows, 2 * width], in each row the gate before up
   * @param y [rows, width]
   */
  void forward(int rows, MemorySegment gateUp, MemorySegment y) {
    for (int row = 0; row < rows; row++) {
      long gate = 2L * row * width;
      long at = (long) row * width;
      elementwise.unary(SILU, gateUp, gate, y, at, width);
      elementwise.binary(BinaryFunction.MUL, y, at, gateUp, gate + width, y, at, width);
    }
  }

  /*
   * With s = sigmoid(gate): dup = dy gate s, dgate = dy up s (1 + gate (1 - s)).
   */

  /**
   * Replaces gate and up by their gradients.
   *
   * @param gateUp [rows, 2 * width]
   * @param dy [rows, width]
   */
  void backward(int rows, MemorySegment gateUp, MemorySegment dy) {
    for (int row = 0; row < rows; row++) {
      long at = 2L * row * width;
      elementwise.unary(SIGMOID, gateUp, at, sigmoids, 0, width);
      for (int i = 0; i < width; i++) {
        float gate = Floats.get(gateUp, at + i);
        float up = Floats.get(gateUp, at + width + i);
        float slope = Floats.get(dy, (long) row * width + i);
        float s = Floats.get(sigmoids, i);
        Floats.set(gateUp, at + i, slope * up * s * (1 + gate * (1 - s)));
        Floats.set(gateUp, at + width + i, slope * gate * s);
      }
    }
  }
}
