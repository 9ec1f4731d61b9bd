package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Constant 8-bit matrices with their scales and zero points, as the quantised products take them.
 */
final class QuantWeights {

  private QuantWeights() {}

  /** Whether a matrix and its zero point (if any) are known before the run, so that it packs. */
  static boolean isConstant(OperatorInputs inputs, int matrix, int zeroPoint) {
    return inputs.constant(matrix).isPresent()
        && inputs.shape(matrix).rank() == 2
        && (!inputs.has(zeroPoint) || inputs.constant(zeroPoint).isPresent());
  }

  /**
   * The packed form of a constant matrix.
   *
   * @param matrix index of the input INT8 or UINT8 [k, n], or [n, k] when {@code transposed}
   * @param zeroPoint index of the optional input with its zero point, scalar or [n]
   */
  static PackedQuantMatrix packed(
      OperatorInputs inputs,
      PrepareContext context,
      int matrix,
      boolean transposed,
      int zeroPoint) {
    Tensor zero = inputs.has(zeroPoint) ? inputs.value(zeroPoint) : null;
    String zeroKey = zero == null ? "0" : Integer.toString(Arrays.hashCode(zero.toLongs()));
    return context.packed(
        matrix,
        (transposed ? "quant-transposed/" : "quant/") + zeroKey,
        (constant, owner) -> context.kernels().quantGemm().pack(constant, transposed, zero, owner));
  }

  /**
   * A constant scale as float [n], a single one repeated.
   *
   * @param input index of the scale, FLOAT32 scalar or [n]
   */
  static MemorySegment scales(PrepareContext context, int input, int n) {
    return context.packed(
        input, "scales/" + n, (constant, owner) -> spread(constant, n, owner).segment());
  }

  private static Tensor spread(Tensor scale, int n, TensorArena owner) {
    Tensor spread = owner.allocate(new TensorType(scale.dtype(), Shape.of(n)));
    for (int i = 0; i < n; i++) {
      spread.setFloat(i, scale.getFloat(scale.size() == 1 ? 0 : i));
    }
    return spread;
  }
}
