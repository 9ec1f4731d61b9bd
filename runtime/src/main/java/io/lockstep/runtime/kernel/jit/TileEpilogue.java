package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.lang.foreign.MemorySegment;

/**
 * What follows a product. Bias, residual and clamping are part of the tile kernels; other
 * activations run over each block that has just been stored.
 */
final class TileEpilogue {

  private final JitElementwise elementwise;

  TileEpilogue(JitElementwise elementwise) {
    this.elementwise = elementwise;
  }

  /**
   * Sets the slots of a block.
   *
   * @param column the block's first column, from which the bias counts
   * @param cByte where the block starts in the result, and so in the residual
   * @param extent bytes from there to its end
   */
  static void set(
      Parameters parameters, Epilogue epilogue, int column, int columns, long cByte, long extent) {
    long biasByte = (long) column * Float.BYTES;
    long biasBytes = (long) columns * Float.BYTES;
    parameters.set(TileSlots.BIAS, Addresses.orZero(epilogue.bias(), biasByte, biasBytes));
    parameters.set(TileSlots.RESIDUAL, Addresses.orZero(epilogue.residual(), cByte, extent));
    Activation activation = epilogue.activation();
    parameters.set(TileSlots.CLAMPS, isClamp(activation) ? 1 : 0);
    if (activation.function() == UnaryFunction.RELU) {
      parameters.set(TileSlots.BOUNDS, 0, Float.POSITIVE_INFINITY);
    } else {
      parameters.set(TileSlots.BOUNDS, activation.alpha(), activation.beta());
    }
  }

  /** Sets the slots that all columns of a result of bytes share. */
  static void set(Parameters parameters, Requantization requantization) {
    int zeroPoint = requantization.zeroPoint();
    parameters.set(
        TileSlots.BOUNDS,
        requantization.lowest() - zeroPoint,
        requantization.highest() - zeroPoint);
    parameters.set(TileSlots.ZERO_POINT, zeroPoint);
  }

  private static boolean isClamp(Activation activation) {
    return activation.function() == UnaryFunction.RELU
        || activation.function() == UnaryFunction.CLIP;
  }

  /** Applies an activation that is no clamp to a block of the result, while it is in the cache. */
  void activate(
      Activation activation, int rows, int columns, MemorySegment c, long at, int cStride) {
    if (!activation.isNone() && !isClamp(activation)) {
      elementwise.unaryRows(activation, rows, columns, c, at, cStride);
    }
  }
}
